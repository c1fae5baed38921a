import type { Bench, Measure } from './bench.ts'
import { milliseconds, rate, short, whole } from './figures.ts'
import { allAnswered, httpLoad, type LoadReport, type LoadRequest } from './load/http-load.ts'
import { percentiles, type Percentiles } from './percentiles.ts'
import { bareProcess, gatewayProcess } from './server/server-process.ts'

const rounds = 3
const warmUp = 500
const wide = { requests: 20_000, connections: 16 }
const narrow = { requests: 3_000, connections: 1 }
const batches = { requests: 1_000, connections: 4, reads: 20 }

export const gatewayBench: Bench = {
  name: 'gateway',
  title: 'The gateway',
  question:
    'What does the gateway cost a read? A list of 20 from two instances (bare Fastify that answers bytes of that size), asked directly and through the gateway in turns; and 20 reads in one `POST /v1/batch`.',
  async run({ say }) {
    const list = listOf20()
    const instances = await Promise.all([bareProcess([list]), bareProcess([list])])
    const gateway = await gatewayProcess(instances.map(({ url }) => url))
    try {
      const [direct] = instances
      const measured = { direct: turns(), through: turns() }
      for (let round = 1; round <= rounds; round++) {
        say(`round ${round} of ${rounds}`)
        for (const [into, url] of [[measured.direct, direct.url] as const, [measured.through, gateway.url] as const]) {
          into.wide.push(await ask(url, reads(wide.requests), wide.connections))
          into.narrow.push(await ask(url, reads(narrow.requests), narrow.connections))
        }
      }
      say('batches')
      const batched = await ask(gateway.url, batchesOf(batches.reads, batches.requests), batches.connections)
      return {
        measures: [
          compared(`${wide.connections} connections`, measured.direct.wide, measured.through.wide),
          compared('one connection', measured.direct.narrow, measured.through.narrow),
          {
            what: `batches of ${batches.reads} reads, ${batches.connections} connections`,
            measured: `${rate(batched.answered * batches.reads, batched.seconds)} reads, ${milliseconds(percentiles(batched.milliseconds))} a batch`,
          },
        ],
        bound:
          'one process: Fastify takes the request in, undici sends it on, and both sockets are written and read in JavaScript; load generator, gateway and instances share the cores',
        notes: [
          `The median of ${rounds} rounds by requests a second. An answer has ${whole(Buffer.byteLength(list))} bytes.`,
        ],
      }
    } finally {
      await gateway.stop()
      await Promise.all(instances.map((instance) => instance.stop()))
    }
  },
}

interface Turns {
  readonly wide: LoadReport[]
  readonly narrow: LoadReport[]
}

function turns(): Turns {
  return { wide: [], narrow: [] }
}

async function ask(url: string, requests: readonly LoadRequest[], connections: number): Promise<LoadReport> {
  return allAnswered(await httpLoad({ url, requests, connections, warmUp }), 200)
}

function compared(what: string, direct: readonly LoadReport[], through: readonly LoadReport[]): Measure {
  const [bare, ours] = [median(direct), median(through)]
  const [beside, latency]: readonly Percentiles[] = [bare, ours].map((report) => percentiles(report.milliseconds))
  const added = latency !== undefined && beside !== undefined ? latency.p50 - beside.p50 : Number.NaN
  return {
    what: `reads, ${what}`,
    measured: `${rate(ours.answered, ours.seconds)}, ${says(latency)}`,
    beside: `direct ${rate(bare.answered, bare.seconds)}, ${says(beside)}; the gateway adds ${short(added)} ms at p50, ratio ${short(perSecond(ours) / perSecond(bare))}`,
  }
}

function says(latency: Percentiles | undefined): string {
  return latency === undefined ? '' : milliseconds(latency)
}

function perSecond({ answered, seconds }: LoadReport): number {
  return answered / seconds
}

function median(reports: readonly LoadReport[]): LoadReport {
  return reports.toSorted((a, b) => perSecond(a) - perSecond(b))[Math.floor(reports.length / 2)]!
}

function reads(count: number): LoadRequest[] {
  return Array.from({ length: count + warmUp }, (_, n) => ({ method: 'GET', path: pathOf(n) }))
}

function batchesOf(size: number, count: number): LoadRequest[] {
  return Array.from({ length: count + warmUp }, (_, n) => {
    const requests = Array.from({ length: size }, (_, each) => ({ path: pathOf(n * size + each) }))
    return { method: 'POST', path: '/v1/batch', body: JSON.stringify({ requests }) }
  })
}

function pathOf(n: number): string {
  return `/v1/users/u${n}/recommendations`
}

/** In the shape and about the size of a real answer. */
function listOf20(): string {
  const items = Array.from({ length: 20 }, (_, position) => ({
    itemId: `item-${position * 7919}`,
    score: 0.731 - position / 100,
    confidence: 0.42,
    explanation: 'Because of The Left Hand of Darkness, which you liked',
    because: [{ itemId: 'item-1', contribution: 0.31 }],
    features: { factorScore: 0.52, popularity: 0.12, freshness: 0.09 },
    source: 'factors',
    position,
  }))
  const about = { requestId: 'r-1', modelVersion: 'm-1', generation: 'g-1', variant: 'default' }
  return JSON.stringify({ items, ...about, degraded: [], nextCursor: null })
}
