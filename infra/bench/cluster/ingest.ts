import type { Measure } from '../bench.ts'
import type { RatedPair } from '../bench-data.ts'
import { clientEvents, eventRequests, type ClientEvent } from '../events.ts'
import { milliseconds, rate, short } from '../figures.ts'
import { allAnswered, httpLoad, type LoadReport } from '../load/http-load.ts'
import { percentiles } from '../percentiles.ts'
import { bareProcess } from '../server/server-process.ts'
import { cpuMeter } from './processes.ts'
import { appendEvents } from './traffic.ts'
import type { World } from './world.ts'

export interface IngestOptions {
  readonly world: World
  readonly urls: { readonly ingest: string; readonly gateway: string }
  readonly pids: { readonly ingest: number; readonly gateway: number }
  readonly pairs: readonly RatedPair[]
  /** Events of each measurement. */
  readonly count: number
  readonly seed: number
}

export interface Ingested {
  readonly measures: readonly Measure[]
  /** Processor seconds an event, by process. */
  readonly cpu: { readonly ingest: number; readonly gateway: number; readonly kafka: number }
  readonly eventBytes: number
  readonly sent: number
}

const batch = 100
const connections = 8
const warmUpShare = 0.1
const goal = 25_000

/** Batches of events over HTTP, each on Kafka before its 202: at one ingest instance, and through the gateway. */
export async function measureIngest(options: IngestOptions): Promise<Ingested> {
  const { world, urls, pids, pairs, count, seed } = options
  const meter = cpuMeter({ ingest: pids.ingest, kafka: world.pids.kafka })
  const direct = await posted(urls.ingest, eventsOf('direct', options))
  const directCpu = meter()
  const gatewayMeter = cpuMeter({ gateway: pids.gateway })
  const through = await posted(urls.gateway, eventsOf('through', options))
  const gatewayCpu = gatewayMeter()
  const peer = await bareProcess(direct.report.bodies)
  const bare = await posted(peer.url, eventsOf('bare', options))
  await peer.stop()
  const alone = await appendEvents({ parts: world.parts, pairs, count, seed, name: 'alone' })
  const aloneRate = count / alone.seconds
  const [directRate, gatewayRate, bareRate] = [direct, through, bare].map(({ perSecond }) => perSecond)
  const sent = direct.sent + through.sent
  return {
    measures: [
      {
        what: `ingest at one instance, batches of ${batch} over ${connections} connections: events answered 202`,
        measured: `${rate(directRate!, 1)}, ${latency(direct.report)}`,
        goal: { says: `≥ ${rate(goal, 1)}`, met: directRate! >= goal },
        beside: `bare Fastify parsing the same and answering the same ${rate(bareRate!, 1)}, ${latency(bare.report)}, ratio ${short(directRate! / bareRate!)}; the append to Kafka alone ${rate(aloneRate, 1)}, ratio ${short(directRate! / aloneRate)}`,
      },
      {
        what: 'the same through the gateway',
        measured: `${rate(gatewayRate!, 1)}, ${latency(through.report)}`,
        goal: { says: `≥ ${rate(goal, 1)}`, met: gatewayRate! >= goal },
        beside: `at the instance itself, ratio ${short(gatewayRate! / directRate!)}`,
      },
    ],
    cpu: {
      ingest: directCpu.ingest / direct.sent,
      gateway: gatewayCpu.gateway / through.sent,
      kafka: directCpu.kafka / direct.sent,
    },
    eventBytes: alone.eventBytes,
    sent: sent + count,
  }
}

function eventsOf(name: string, { pairs, count, seed }: IngestOptions): ClientEvent[] {
  return clientEvents({ pairs, count: Math.round(count * (1 + warmUpShare)), seed, name: `ingest-${name}` })
}

async function posted(url: string, events: readonly ClientEvent[]) {
  const requests = eventRequests(events, batch)
  const warmUp = Math.floor((requests.length * warmUpShare) / (1 + warmUpShare))
  const report = allAnswered(await httpLoad({ url, requests, connections, warmUp, keepBodies: 1 }), 202)
  return { report, perSecond: (report.answered * batch) / report.seconds, sent: events.length }
}

function latency(report: LoadReport): string {
  return milliseconds(percentiles(report.milliseconds))
}
