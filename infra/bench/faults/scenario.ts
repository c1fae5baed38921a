import { rowsCaughtUp } from '../../app/rows-caught-up.ts'
import type { ClusterUnderTest } from './cluster-under-test.ts'
import { steadyReads } from './reads.ts'
import { steadyWrites, type Writes } from './writes.ts'

/** Something that goes wrong, under traffic. */
export interface Scenario {
  readonly name: string
  /** Does it once; resolves when whatever died is back. */
  once(hurt: Hurt): Promise<void>
  /** Before the first and after the last time. */
  readonly begin?: (hurt: Hurt) => Promise<() => Promise<void>>
}

export interface Hurt {
  readonly cluster: ClusterUnderTest
  /** A new empty folder. */
  readonly folder: () => string
  /** Streams of events that a scenario sent by ways of its own. */
  readonly further: Writes[]
  readonly say: (line: string) => void
}

/** What became of the traffic of one scenario. */
export interface Toll {
  readonly name: string
  readonly times: number
  readonly sent: number
  readonly accepted: number
  readonly counted: number
  readonly lost: number
  readonly double: number
  readonly readOutageMs: number
  readonly writeOutageMs: number
  readonly reads: number
  readonly failedReads: number
  readonly degraded: ReadonlyMap<string, number>
}

export interface Traffic {
  readonly eventsPerSecond: number
  readonly readsPerSecond: number
  readonly items: readonly string[]
  readonly readers: readonly string[]
  readonly users: number
}

export interface RunOptions extends Omit<Hurt, 'further'> {
  readonly times: number
  readonly random: () => number
  readonly traffic: Traffic
  readonly sleep: (ms: number) => Promise<void>
}

/** Quiet time before each fault, ms: long enough for a restart to be over, at an instant that nobody can foresee. */
const pause = { least: 1_000, more: 3_000 }

/** Hurts the cluster under traffic, waits until all of it is folded, and counts. */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<Toll> {
  const { cluster, times, random, traffic, sleep, say } = options
  const url = cluster.gateway
  const name = `${scenario.name.replaceAll(/[^a-z]+/g, '-')}-${Math.floor(random() * 1e9).toString(36)}`
  const hurt: Hurt = { ...options, further: [] }
  const end = await scenario.begin?.(hurt)
  const writes = steadyWrites({
    url,
    name,
    users: traffic.users,
    items: traffic.items,
    perSecond: traffic.eventsPerSecond,
  })
  const reads = steadyReads({ url, users: traffic.readers, perSecond: traffic.readsPerSecond })
  for (let time = 1; time <= times; time++) {
    await sleep(pause.least + random() * pause.more)
    say(`${scenario.name} ${time}/${times}`)
    await scenario.once(hurt)
  }
  await sleep(pause.least)
  const readOutageMs = reads.longestOutageMs()
  const writeOutageMs = writes.longestOutageMs()
  await Promise.all([reads.stop(), writes.stop()])
  await end?.()
  await rowsCaughtUp(cluster.parts)
  return {
    name: scenario.name,
    times,
    ...(await countOf(cluster, [writes, ...hurt.further])),
    readOutageMs,
    writeOutageMs,
    reads: reads.answered() + reads.failed(),
    failedReads: reads.failed(),
    degraded: reads.degraded,
  }
}

/** Compares the ids sent with those the rows count, user by user. */
async function countOf(
  { parts }: ClusterUnderTest,
  streams: readonly Writes[],
): Promise<Pick<Toll, 'sent' | 'accepted' | 'counted' | 'lost' | 'double'>> {
  const accepted = streams.reduce((sum, stream) => sum + stream.accepted(), 0)
  const toll = { sent: 0, accepted, counted: 0, lost: 0, double: 0 }
  for (const [userId, ids] of streams.flatMap(({ sent }) => [...sent])) {
    const user = await parts.features.user(userId)
    const counted = user?.history.map(({ id }) => id) ?? []
    if (ids.length > parts.settings.limits.history) throw new Error('a user has more events than a history keeps')
    const distinct = new Set(counted)
    toll.sent += ids.length
    toll.counted += user?.head.count ?? 0
    toll.lost += ids.filter((id) => !distinct.has(id)).length
    toll.double += counted.length - distinct.size
  }
  return toll
}
