import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '#schemas/math/random.ts'
import type { Measure } from '../bench.ts'
import type { RatedPair } from '../bench-data.ts'
import { clientEvents, drawnUsers, eventRequests } from '../events.ts'
import { milliseconds, short } from '../figures.ts'
import { allAnswered, httpLoad, type LoadOptions } from '../load/http-load.ts'
import { rawConnection, requestBytes, type RawConnection } from '../load/raw-connection.ts'
import { percentiles } from '../percentiles.ts'
import { histogramBetween, parseScrape, type Scrape } from '../server/scrape.ts'

export interface FreshnessOptions {
  readonly ingest: string
  readonly serve: string
  readonly pairs: readonly RatedPair[]
  readonly seed: number
  readonly seconds: number
}

const perSecond = 500
/** The compilers of Java and JavaScript take as much as the load does in the first minute. */
const warmUpSeconds = 60
const goals = { p50: 50, p99: 500 }
/** An event is not waited for longer; it counts as if it had come then. */
const longestMs = 5_000
/** Asked again after a tenth more: each time is known to a tenth, and asking costs the machine little of what it has. */
const askAfterShare = 0.1

/** From the 202 of ingest to the answer of a serving instance, under a steady stream of events. */
export async function measureFreshness(options: FreshnessOptions): Promise<Measure[]> {
  const { serve, seconds } = options
  await httpLoad(steadyLoad(options, 'warm-up', warmUpSeconds))
  const idle = await probes({ ...options, name: 'idle', forSeconds: Math.min(4, seconds) })
  const before = await scraped(serve)
  const [busy, posted] = await Promise.all([
    probes({ ...options, name: 'busy', forSeconds: seconds - 1 }),
    httpLoad(steadyLoad(options, 'steady', seconds)),
  ])
  const seen = histogramBetween(before, await scraped(serve), 'millrace_freshness_seconds')
  const counted = percentiles(busy.counted)
  const read = percentiles(busy.read)
  const goal = ({ p50, p99 }: { readonly p50: number; readonly p99: number }) => ({
    says: `p50 < ${goals.p50} ms, p99 < ${goals.p99} ms`,
    met: p50 < goals.p50 && p99 < goals.p99,
  })
  return [
    {
      what: `${perSecond} events/s: 202 to counted, as a client of ingest and serve sees it (${busy.counted.length} probes)`,
      measured: milliseconds(counted),
      goal: goal(counted),
      beside: `idle ${milliseconds(percentiles(idle.counted))}`,
    },
    {
      what: `${perSecond} events/s: 202 to the answer of a recommendation asked with \`after=\``,
      measured: `${milliseconds(read)}, ${busy.behind} of ${busy.read.length} \`behind\``,
      goal: goal(read),
      beside: `idle ${milliseconds(percentiles(idle.read))}`,
    },
    {
      what: `${perSecond} events/s: accepted to the notice that serving reads, \`millrace_freshness_seconds\` (${seen.count} notices)`,
      measured: `p50 < ${short(seen.p50 * 1000)} ms, p99 < ${short(seen.p99 * 1000)} ms`,
      goal: goal({ p50: seen.p50 * 1000, p99: seen.p99 * 1000 }),
      beside: `request sent to 202 meanwhile ${milliseconds(percentiles(allAnswered(posted, 202).milliseconds))}`,
    },
  ]
}

/** Events one by one, as many a second as is measured at. */
function steadyLoad({ ingest, pairs, seed }: FreshnessOptions, name: string, seconds: number): LoadOptions {
  const events = clientEvents({ pairs, count: perSecond * seconds, seed, name })
  return { url: ingest, requests: eventRequests(events, 1), connections: 32, perSecond, maxSeconds: 2 * seconds }
}

async function scraped(url: string): Promise<Scrape> {
  return parseScrape(await (await fetch(`${url}/metrics`)).text())
}

export interface Probes {
  /** From the 202 to the answer in which the event is counted, ms. */
  readonly counted: readonly number[]
  /** From the 202 to the recommendations asked with `after=`, ms. */
  readonly read: readonly number[]
  /** Recommendations that were answered without the event. */
  readonly behind: number
}

interface ProbeOptions extends Omit<FreshnessOptions, 'seconds'> {
  readonly name: string
  readonly forSeconds: number
}

/** One user after another: a view that is waited for, then a view and a recommendation after it. */
async function probes({ ingest, serve, pairs, seed, name, forSeconds }: ProbeOptions): Promise<Probes> {
  const users = drawnUsers(pairs, 2_000, seed)
  const random = seededRandom(seed)
  const [writing, reading] = await Promise.all([rawConnection(ingest), rawConnection(serve)])
  const found = { counted: new Array<number>(), read: new Array<number>(), behind: 0 }
  const end = performance.now() + forSeconds * 1000
  for (let i = 0; performance.now() < end; i++) {
    const userId = users[i % users.length] ?? ''
    const view = (id: string) => ({ id, userId, itemId: anItem(pairs, random), type: 'view' })
    const path = `/v1/users/${encodeURIComponent(userId)}`
    const id = `probe-${name}-${i}`
    await postedView(writing, view(id))
    const acceptedAt = performance.now()
    while (!(await got(reading, `${path}/interactions?limit=20`)).includes(`"${id}"`)) {
      const waited = performance.now() - acceptedAt
      if (waited > longestMs) break
      await sleep(Math.max(1, askAfterShare * waited))
    }
    found.counted.push(performance.now() - acceptedAt)
    const position = await postedView(writing, view(`${id}-after`))
    const againAt = performance.now()
    const answer = await got(reading, `${path}/recommendations?after=${encodeURIComponent(position)}`)
    found.read.push(performance.now() - againAt)
    if (answer.includes('"behind"')) found.behind++
    await sleep(5)
  }
  writing.close()
  reading.close()
  return found
}

export function anItem(pairs: readonly RatedPair[], random: () => number): string {
  return pairs[Math.floor(random() * pairs.length)]?.itemId ?? ''
}

/** Posts one event; returns the position it was given. */
export async function postedView(connection: RawConnection, event: object): Promise<string> {
  const { status, body } = await connection.send(requestBytes('POST', '/v1/interactions', JSON.stringify(event)))
  if (status !== 202) throw new Error(`a probe was answered ${status}: ${body.toString()}`)
  const { position }: { readonly position: string } = JSON.parse(body.toString())
  return position
}

export async function got(connection: RawConnection, path: string): Promise<string> {
  const { status, body } = await connection.send(requestBytes('GET', path))
  if (status === 200) return body.toString()
  throw new Error(`${path} was answered ${status}: ${body.toString()}`)
}
