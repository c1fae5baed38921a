import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '#schemas/math/random.ts'
import type { Measure } from '../bench.ts'
import { drawnUsers } from '../events.ts'
import type { RatedPair } from '../bench-data.ts'
import { milliseconds, percent, rate, short, whole } from '../figures.ts'
import { rawConnection } from '../load/raw-connection.ts'
import { percentiles } from '../percentiles.ts'
import { anItem, got, postedView } from './freshness.ts'
import { cpuMeter } from './processes.ts'
import type { Processor } from './processor.ts'
import { drained } from './traffic.ts'
import type { World } from './world.ts'

export interface BacklogOptions {
  readonly world: World
  readonly start: () => Promise<Processor>
  readonly ingest: string
  readonly serve: { readonly url: string; readonly pid: number }
  readonly pairs: readonly RatedPair[]
  readonly seed: number
  /** On the log, and not folded. */
  readonly events: number
  readonly maxSeconds: number
}

const goals = { perSecond: 15_000, freshP99: 500 }
/** A probe is not waited for longer; serving itself says `behind` sooner. */
const probeMs = 2_000

export interface Backlog {
  readonly measures: readonly Measure[]
  readonly processor: Processor
  /** Processor time an event that a serving instance spends on following it, the probes included. */
  readonly serveSeconds: number
}

/** Starts a processor on a backlog, and follows users who are active meanwhile. Leaves it running. */
export async function measureBacklog(options: BacklogOptions): Promise<Backlog> {
  const { world, start, serve, events, maxSeconds } = options
  const stopping = new AbortController()
  const active = activeUsers(options, stopping.signal)
  const began = performance.now()
  const meter = cpuMeter({ serve: serve.pid })
  const processor = await start()
  const { folded, isDry } = await drained(world.parts, [processor], maxSeconds)
  const seconds = (performance.now() - began) / 1000
  stopping.abort()
  const { visible, missed } = await active
  const probes = visible.length + missed
  const perSecond = folded / seconds
  const fresh = percentiles(visible)
  return {
    processor,
    serveSeconds: meter().serve / folded,
    measures: [
      {
        what: `a backlog of ${whole(events)} events, one processor from its start to the last of them, serving meanwhile`,
        measured: `${rate(perSecond, 1)}${isDry ? ` in ${short(seconds)} s` : `; ${whole(events - folded)} were left after ${short(seconds)} s`}`,
        goal: { says: `≥ ${rate(goals.perSecond, 1)}`, met: perSecond >= goals.perSecond },
      },
      {
        what: `users active during that: 202 to a recommendation that knows the event (${probes} probes)`,
        measured: `${percent(visible.length / probes)} within ${probeMs / 1000} s${visible.length === 0 ? '' : `, of these ${milliseconds(fresh)}`}`,
        goal: {
          says: `all, p99 < ${goals.freshP99} ms`,
          met: missed === 0 && fresh.p99 < goals.freshP99,
        },
      },
    ],
  }
}

/** One user after another does something and asks until the answer knows it. */
async function activeUsers(
  { ingest, serve, pairs, seed }: BacklogOptions,
  signal: AbortSignal,
): Promise<{ readonly visible: readonly number[]; readonly missed: number }> {
  const users = drawnUsers(pairs, 500, seed)
  const random = seededRandom(seed)
  const [writing, reading] = await Promise.all([rawConnection(ingest), rawConnection(serve.url)])
  const visible: number[] = []
  let missed = 0
  for (let i = 0; !signal.aborted; i++) {
    const userId = users[i % users.length] ?? ''
    const view = { id: `active-${i}`, userId, itemId: anItem(pairs, random), type: 'view' }
    const after = encodeURIComponent(await postedView(writing, view))
    const path = `/v1/users/${encodeURIComponent(userId)}/recommendations?after=${after}`
    const began = performance.now()
    let isKnown = false
    while (!isKnown && performance.now() - began < probeMs) isKnown = !(await got(reading, path)).includes('"behind"')
    if (isKnown) visible.push(performance.now() - began)
    else missed++
    await sleep(20)
  }
  writing.close()
  reading.close()
  return { visible, missed }
}
