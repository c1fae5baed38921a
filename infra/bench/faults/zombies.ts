import { setTimeout as sleep } from 'node:timers/promises'
import type { Hurt, Scenario } from './scenario.ts'

const pollMs = 200
/** The successor works alone for so long. */
const aloneMs = 2_000

async function owned({ cluster }: Hurt, name: string): Promise<number> {
  const text = await (await fetch(`${await cluster.urlOf(name)}/metrics`)).text()
  return Number(/^millrace_partitions_owned (\d+)/m.exec(text)?.[1] ?? Number.NaN)
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(pollMs)
}

async function partitionsOf({ cluster }: Hurt): Promise<number> {
  return cluster.parts.log.partitions('interactions')
}

/** A processor stands still, its successor takes over, and it goes on as if nothing had been. */
const zombie: Scenario = {
  name: 'a processor stopped (SIGSTOP) until its successor has everything, then continued',
  async once(hurt) {
    const pid = await hurt.cluster.pidOf('process')
    const all = await partitionsOf(hurt)
    process.kill(pid, 'SIGSTOP')
    try {
      await until(async () => (await owned(hurt, 'process-2')) === all)
      await sleep(aloneMs)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await until(async () => (await owned(hurt, 'process')) > 0)
  },
}

/** The zombie gets its partitions back while it still remembers their rows: its successor dies. */
const warmZombie: Scenario = {
  name: 'the same, and the successor killed, so that a warm cache gets its partitions back',
  async once(hurt) {
    const all = await partitionsOf(hurt)
    const pid = await hurt.cluster.pidOf('process')
    const successor = await hurt.cluster.pidOf('process-2')
    process.kill(pid, 'SIGSTOP')
    try {
      await until(async () => (await owned(hurt, 'process-2')) === all)
      await sleep(aloneMs)
    } finally {
      process.kill(pid, 'SIGCONT')
      process.kill(successor, 'SIGKILL')
    }
    await hurt.cluster.isBack('process-2', successor)
    await until(async () => (await owned(hurt, 'process')) + (await owned(hurt, 'process-2')) === all)
  },
}

export const zombies: readonly Scenario[] = [zombie, warmZombie]
