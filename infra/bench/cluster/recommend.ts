import type { Measure } from '../bench.ts'
import { milliseconds, percent, rate, short } from '../figures.ts'
import { allAnswered, httpLoad, type LoadReport } from '../load/http-load.ts'
import { percentiles } from '../percentiles.ts'
import { histogramBetween, parseScrape, total, type Scrape } from '../server/scrape.ts'
import { bareProcess } from '../server/server-process.ts'
import { cpuMeter } from './processes.ts'
import type { World } from './world.ts'

export interface RecommendOptions {
  readonly world: World
  /** Two serving instances with nothing in their memory yet. */
  readonly cold: { readonly url: string; readonly pid: number }
  readonly other: { readonly url: string; readonly pid: number }
  /** In front of `cold`. */
  readonly gateway: { readonly url: string; readonly pid: number }
  /** Each is asked for once in each pass. */
  readonly users: readonly string[]
}

export interface Recommended {
  readonly measures: readonly Measure[]
  /** Processor seconds an answer, rows from Cassandra. */
  readonly cpu: { readonly serve: number; readonly cassandra: number; readonly redis: number; readonly gateway: number }
  readonly answerBytes: number
}

const connections = 4
const goalMs = 25

/** Each user once from Cassandra, once from the copies in Redis, once from the instance's own memory. */
export async function measureRecommend({ world, cold, other, gateway, users }: RecommendOptions): Promise<Recommended> {
  const meter = cpuMeter({ serve: cold.pid, cassandra: world.pids.cassandra, redis: world.pids.redis })
  const fromRows = await pass(cold.url, users)
  const cpu = meter()
  const fromCopies = await pass(other.url, users)
  const fromMemory = await pass(cold.url, users)
  const gatewayMeter = cpuMeter({ gateway: gateway.pid })
  const through = allAnswered(await httpLoad({ url: gateway.url, requests: requestsOf(users), connections }), 200)
  const gatewayCpu = gatewayMeter().gateway / through.answered
  const peer = await bareProcess(fromRows.report.bodies)
  const bare = allAnswered(await httpLoad({ url: peer.url, requests: requestsOf(users), connections }), 200)
  await peer.stop()
  const { answered } = fromRows.report
  const bytes = fromRows.report.bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0)
  return {
    measures: [
      measureOf('rows of a first visit, from Cassandra', fromRows, bare),
      measureOf('a second instance, from the copies in Redis that the first has left', fromCopies, bare),
      measureOf('rows and vectors in the memory of the instance where they fit', fromMemory, bare),
      {
        what: 'the last through the gateway',
        measured: `${rate(through.answered, through.seconds)}, ${milliseconds(percentiles(through.milliseconds))}`,
        beside: `at the instance itself ${rate(fromMemory.report.answered, fromMemory.report.seconds)}; the gateway took ${short(gatewayCpu * 1e6)} µs of a core for each`,
      },
    ],
    cpu: {
      serve: cpu.serve / answered,
      cassandra: cpu.cassandra / answered,
      redis: cpu.redis / answered,
      gateway: gatewayCpu,
    },
    answerBytes: bytes / fromRows.report.bodies.length,
  }
}

interface Pass {
  readonly report: LoadReport
  readonly before: Scrape
  readonly after: Scrape
}

async function pass(url: string, users: readonly string[]): Promise<Pass> {
  const before = await scraped(url)
  const warmUp = Math.min(200, Math.floor(users.length / 10))
  const load = { url, requests: requestsOf(users), connections, warmUp, keepBodies: 500, maxSeconds: 25 }
  const report = allAnswered(await httpLoad(load), 200)
  return { report, before, after: await scraped(url) }
}

async function scraped(url: string): Promise<Scrape> {
  return parseScrape(await (await fetch(`${url}/metrics`)).text())
}

function requestsOf(users: readonly string[]) {
  return users.map((userId) => ({
    method: 'GET' as const,
    path: `/v1/users/${encodeURIComponent(userId)}/recommendations`,
  }))
}

function measureOf(what: string, { report, before, after }: Pass, bare: LoadReport): Measure {
  const latency = percentiles(report.milliseconds)
  const perSecond = report.answered / report.seconds
  const bareRate = bare.answered / bare.seconds
  const hits = (cache: string) => `${cache} ${percent(hitShare(before, after, cache))}`
  const caches = ['user-rows', 'shared-user-rows'].map(hits).join(', ')
  const degraded = total(after, 'millrace_degraded_total') - total(before, 'millrace_degraded_total')
  const read = histogramBetween(before, after, 'millrace_recommend_latency_seconds', { stage: 'read' })
  return {
    what: `recommendations, ${connections} connections, ${report.answered} users once: ${what}`,
    measured: `${rate(perSecond, 1)}, ${milliseconds(latency)}; hits: ${caches}; reading the user ${short(read.mean * 1000)} ms; ${degraded} degraded`,
    goal: { says: `p99 < ${goalMs} ms`, met: latency.p99 < goalMs },
    beside: `bare Fastify answering the same bytes ${rate(bareRate, 1)}, ratio ${short(perSecond / bareRate)}`,
  }
}

function hitShare(before: Scrape, after: Scrape, cache: string): number {
  const grown = (name: 'millrace_cache_hits_total' | 'millrace_cache_misses_total') =>
    total(after, name, { cache }) - total(before, name, { cache })
  const hits = grown('millrace_cache_hits_total')
  const asked = hits + grown('millrace_cache_misses_total')
  return asked === 0 ? 0 : hits / asked
}
