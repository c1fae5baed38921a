import type { RecommendationAnswer } from '#schemas/api/recommendations.ts'
import type { Bench, BenchContext, Measure } from './bench.ts'
import { drawnUsers } from './events.ts'
import { milliseconds, percent, rate, short, whole } from './figures.ts'
import { allAnswered, httpLoad, type LoadReport, type LoadRequest } from './load/http-load.ts'
import { percentiles } from './percentiles.ts'
import { histogramBetween, total, type Scrape } from './server/scrape.ts'
import { bareProcess, standaloneProcess, type ServerProcess } from './server/server-process.ts'

const users = 10_000
const connections = 8
const warmUp = 500
const goal = { perSecond: 3_000, p99: 20 }
const stages = ['read', 'fold-in', 'candidates', 'hydrate', 'rank', 'total'] as const

export const recommendBench: Bench = {
  name: 'recommend',
  title: 'Recommendations',
  question:
    'How many lists of 20, with explanation and confidence, does one process answer a second? Fresh: no row, vector or list is reused between requests, which counters assert. Beside it: bare Fastify that answers the same bytes.',
  async run(context) {
    const asked = drawnUsers(context.data.pairs(), users, context.seed)
    context.say(`${asked.length} users, computed fresh`)
    const fresh = await withServer(context, true, async (server) => {
      const measured = await measure(server, asked, connections)
      assertFresh(measured)
      assertWhole(measured.report.bodies)
      return { measured, alone: await measure(server, asked.slice(0, 1_000 + warmUp), 1) }
    })
    const cached = await withServer(context, false, async (server) => {
      context.say('with the caches on')
      await measure(server, asked, connections)
      const rows = await measure(server, asked, connections)
      const few = Array.from({ length: 5 }, () => asked.slice(0, 1_000)).flat()
      await measure(server, few, connections)
      return { rows, vectors: await measure(server, few, connections) }
    })
    context.say('bare Fastify')
    const peer = await bareProcess(fresh.measured.report.bodies)
    const bare = allAnswered(await httpLoad({ url: peer.url, requests: requestsOf(asked), connections, warmUp }), 200)
    await peer.stop()

    const perSecond = rateOf(fresh.measured.report)
    return {
      measures: [
        {
          what: `computed fresh, ${asked.length} users, ${connections} connections`,
          measured: `${rate(perSecond, 1)}, ${milliseconds(percentiles(fresh.measured.report.milliseconds))}`,
          goal: {
            says: `≥ ${whole(goal.perSecond)}/s at p99 < ${goal.p99} ms`,
            met: perSecond >= goal.perSecond && percentiles(fresh.measured.report.milliseconds).p99 < goal.p99,
          },
          beside: besideBare(fresh.measured.report, bare),
        },
        {
          what: 'computed fresh, one connection',
          measured: `${rate(rateOf(fresh.alone.report), 1)}, ${milliseconds(percentiles(fresh.alone.report.milliseconds))}`,
        },
        {
          what: `rows from the cache (second pass over the ${asked.length} users)`,
          measured: `${rate(rateOf(cached.rows.report), 1)}, ${milliseconds(percentiles(cached.rows.report.milliseconds))}`,
          beside: besideBare(cached.rows.report, bare),
        },
        {
          what: 'rows and vectors from the caches (1,000 users again and again)',
          measured: `${rate(rateOf(cached.vectors.report), 1)}, ${milliseconds(percentiles(cached.vectors.report.milliseconds))}`,
          beside: besideBare(cached.vectors.report, bare),
        },
        ...stages.map((stage) => stageMeasure(stage, fresh.measured, cached.vectors)),
      ],
      bound:
        'one core: see the stages: `fold-in` is a Cholesky of 64 × 64 over the history, `candidates` holds the search of all item vectors, `rank` the scores, the draw and, for each of 20 items shown, the exact explanation and confidence',
      notes: [
        `Fresh: ${fresh.measured.foldIns} fold-ins for ${fresh.measured.answers} answers, 0 cache hits, ${percent(fresh.measured.whole)} of the answers not degraded.`,
        'With the caches on, `user-rows` holds 20,000 rows and `user-vectors` 1,000; lists are never cached.',
        `An answer is ${whole(meanBytes(fresh.measured.report.bodies))} bytes of JSON: bare Fastify shows the cost of the sockets and of these bytes.`,
      ],
    }
  },
}

async function withServer<T>(
  context: BenchContext,
  freshOnly: boolean,
  use: (server: ServerProcess) => Promise<T>,
): Promise<T> {
  const server = await standaloneProcess(await context.filledFolder(), { freshOnly })
  try {
    return await use(server)
  } finally {
    await server.stop()
  }
}

interface Measured {
  readonly report: LoadReport
  readonly before: Scrape
  readonly after: Scrape
  readonly answers: number
  readonly foldIns: number
  readonly cacheHits: number
  /** Share of the answers that were not degraded. */
  readonly whole: number
}

async function measure(server: ServerProcess, asked: readonly string[], width: number): Promise<Measured> {
  const before = await server.scrape()
  const load = { url: server.url, requests: requestsOf(asked), connections: width, warmUp, keepBodies: 1_000 }
  const report = allAnswered(await httpLoad(load), 200)
  const after = await server.scrape()
  const grown = (name: Parameters<typeof total>[1]) => total(after, name) - total(before, name)
  const answers = report.answered + warmUp
  return {
    report,
    before,
    after,
    answers,
    foldIns: grown('millrace_fold_ins_total'),
    cacheHits: grown('millrace_cache_hits_total'),
    whole: 1 - grown('millrace_degraded_total') / answers,
  }
}

function requestsOf(asked: readonly string[]): LoadRequest[] {
  return asked.map((userId) => ({ method: 'GET', path: `/v1/users/${encodeURIComponent(userId)}/recommendations` }))
}

/** Every answer was computed from a row read and a vector folded for it alone. */
function assertFresh({ answers, foldIns, cacheHits, whole }: Measured): void {
  if (cacheHits === 0 && foldIns >= answers * whole - 0.5 && whole > 0.9) return
  throw new Error(`not fresh: ${answers} answers, ${foldIns} fold-ins, ${cacheHits} cache hits, ${whole} whole`)
}

function assertWhole(bodies: readonly string[]): void {
  for (const body of bodies) {
    const { items }: RecommendationAnswer = JSON.parse(body)
    const isWhole =
      items.length === 20 && items.every(({ explanation, confidence }) => explanation !== '' && confidence >= 0)
    if (!isWhole) throw new Error(`not 20 explained items: ${body}`)
  }
}

function meanBytes(bodies: readonly string[]): number {
  return bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0) / bodies.length
}

function rateOf({ answered, seconds }: LoadReport): number {
  return answered / seconds
}

function besideBare(report: LoadReport, bare: LoadReport): string {
  const latency = milliseconds(percentiles(bare.milliseconds))
  return `bare Fastify ${rate(rateOf(bare), 1)}, ${latency}; ratio ${short(rateOf(report) / rateOf(bare))}`
}

function stageMeasure(stage: string, fresh: Measured, cached: Measured): Measure {
  const [ofFresh, ofCached] = [fresh, cached].map(({ before, after }) =>
    histogramBetween(before, after, 'millrace_recommend_latency_seconds', { stage }),
  )
  const wholeTime = histogramBetween(fresh.before, fresh.after, 'millrace_recommend_latency_seconds', {
    stage: 'total',
  })
  const mean = ofFresh?.mean ?? Number.NaN
  return {
    what: `stage \`${stage}\`, fresh`,
    measured: `mean ${short(mean * 1000)} ms, ${percent(mean / wholeTime.mean)}`,
    beside: `with rows and vectors cached: mean ${short((ofCached?.mean ?? Number.NaN) * 1000)} ms`,
  }
}
