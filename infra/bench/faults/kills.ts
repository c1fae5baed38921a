import type { Hurt, Scenario } from './scenario.ts'

/** `kill -9`, then nothing by hand: the supervisor starts it anew. */
function kill(name: string, before: (hurt: Hurt) => Promise<void> = async () => undefined): Scenario {
  return {
    name: `kill -9 of ${name}`,
    async once(hurt) {
      await before(hurt)
      const pid = await hurt.cluster.pidOf(name)
      process.kill(pid, 'SIGKILL')
      await hurt.cluster.isBack(name, pid)
    },
  }
}

/** A training is under way when its trainer dies. */
async function train({ cluster }: Hurt): Promise<void> {
  const url = `${await cluster.urlOf('train')}/v1/training`
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  if (answer.status !== 202 && answer.status !== 409) throw new Error(`a training was answered ${answer.status}`)
}

export const kills: readonly Scenario[] = [
  kill('ingest'),
  kill('process'),
  kill('serve'),
  kill('train', train),
  kill('gateway'),
  kill('kafka'),
  kill('cassandra'),
  kill('redis'),
]
