import { setTimeout as pause } from 'node:timers/promises'
import { readModelLife } from '#batch/model-topic.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { loadConfig } from '../config.ts'
import { openEmbedded } from '../embedded.ts'
import { startClients, type Ledger } from './clients.fixture.ts'
import { startMillrace, type MillraceProcess } from './millrace-process.fixture.ts'

/** What the process is doing when it is killed. */
const moments = ['ingest and fold', 'training', 'publishing', 'starting', 'ingest and fold'] as const
type Moment = (typeof moments)[number]

export interface KillRounds {
  readonly seed: number
  readonly rounds: number
  readonly dataDir: string
}

export interface KillReport {
  readonly ledger: Ledger
  readonly killed: Readonly<Record<Moment, number>>
  /** What was served otherwise than the log says after a kill. */
  readonly misserved: readonly string[]
  /** Exit code of the last process, which was stopped and not killed. */
  readonly exitCode: number | null
}

/** Small models, judged leniently: noise is no taste. */
export const smallModels = { MILLRACE_FACTORS: '4', MILLRACE_ITERATIONS: '2', MILLRACE_GATE_SHARE: '1' }
const training = { ...smallModels, MILLRACE_TRAIN_CRON: '* * * * * *' }
const quiet = { ...smallModels, MILLRACE_TRAIN_CRON: '' }

/** Clients write without pause while the process on the folder is killed and started again, then all comes to rest. */
export async function killRounds({ seed, rounds, dataDir }: KillRounds): Promise<KillReport> {
  const random = seededRandom(seed)
  const clients = startClients(seed, 4)
  const killed = { 'ingest and fold': 0, training: 0, publishing: 0, starting: 0 }
  const misserved: string[] = []
  const start = (env: Readonly<Record<string, string>>) =>
    startMillrace(['standalone', '--data', dataDir, '--port', '0', '--no-demo'], { env })

  for (let round = 0; round < rounds; round++) {
    const moment = moments[round % moments.length]!
    await using running = start(moment === 'training' || moment === 'publishing' ? training : quiet)
    if (moment !== 'starting') clients.moveTo(await ready(running))
    await until(moment, running, random)
    running.signal('SIGKILL')
    clients.moveTo(undefined)
    await running.ended
    killed[moment]++
    if (moment === 'training' || moment === 'publishing') misserved.push(...(await servedOtherwise(dataDir, start)))
  }

  await using last = start(quiet)
  clients.moveTo(await ready(last))
  await clients.rest()
  last.signal('SIGTERM')
  return { ledger: clients.ledger, killed, misserved, exitCode: await last.ended }
}

async function ready(running: MillraceProcess): Promise<string> {
  const url = (await running.said(/listens on (\S+)\n/))[1]!
  await running.said(/Ready after/)
  return url
}

/** Waits for a random instant of the moment. */
async function until(moment: Moment, running: MillraceProcess, random: () => number): Promise<void> {
  switch (moment) {
    case 'ingest and fold':
      await pause(random() * 1_200)
      return
    case 'starting':
      await pause(random() * 1_200)
      return
    case 'training':
      await running.said(/reading the log|iteration/)
      await pause(random() * 100)
      return
    case 'publishing':
      await running.said(/\npublishing/)
      await pause(random() * 20)
  }
}

/** After a kill in training the very model that the log names is served: the one before or the new one, whole. */
async function servedOtherwise(
  dataDir: string,
  start: (env: Readonly<Record<string, string>>) => MillraceProcess,
): Promise<string[]> {
  const parts = await openEmbedded(loadConfig({ env: {}, flags: { dataDir } }))
  const { serving } = await readModelLife(parts)
  await parts.close()
  await using running = start(quiet)
  const answer = await fetch(`${await ready(running)}/v1/users/user-1/recommendations`)
  const list: { readonly modelVersion?: unknown } = JSON.parse(await answer.text())
  running.signal('SIGTERM')
  await running.ended
  const said = `served ${String(list.modelVersion)}, the log says ${serving?.version ?? null}`
  return answer.status === 200 && list.modelVersion === (serving?.version ?? null) ? [] : [said]
}
