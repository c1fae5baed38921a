import { setTimeout as sleep } from 'node:timers/promises'
import { avroCodec } from '#infra/avro/codec.ts'
import { lmdbEventLog } from '#infra/lmdb/event-log.ts'
import { openDataFolder } from '#infra/lmdb/data-folder.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { interactionAcceptor } from '#producers/ingest/accept-interactions.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import type { Bench, BenchContext, Measure } from './bench.ts'
import { clientEvents, eventRequests, type ClientEvent } from './events.ts'
import { milliseconds, percent, rate, short } from './figures.ts'
import { allAnswered, httpLoad, type LoadReport } from './load/http-load.ts'
import { inFlight } from './in-flight.ts'
import { percentiles } from './percentiles.ts'
import { bareProcess, standaloneProcess, type ServerProcess } from './server/server-process.ts'

interface Shape {
  readonly name: string
  readonly batch: number
  readonly connections: number
  readonly warmUp: number
  readonly measured: number
}

const batches: Shape = { name: 'batches of 100', batch: 100, connections: 8, warmUp: 20_000, measured: 120_000 }
const singles: Shape = { name: 'single events', batch: 1, connections: 64, warmUp: 3_000, measured: 30_000 }
const goals = { batched: 20_000, single: 3_000, p99: 50 }

export const ingestBench: Bench = {
  name: 'ingest',
  title: 'Durable ingest over HTTP',
  question:
    'How many events a second does one process answer with 202, each on disk before its answer, while it folds and serves? Beside it: a bare Fastify route that parses the same JSON and answers the same bytes, and the log alone.',
  async run(context) {
    const server = await standaloneProcess(await context.filledFolder())
    try {
      const batched = await measure(context, server, batches)
      const single = await measure(context, server, singles)
      return {
        measures: [...measuresOf(batches, batched), ...measuresOf(singles, single)],
        bound:
          'the fold beside it, with which ingest shares one event loop and one disk: an event rewrites two whole rows, of kilobytes where users are busy or items popular; encoding them takes the largest share of the loop, and the syncs of their pages hold up those of the log. Parsing, checking and encoding an event takes some 10 µs',
        notes: [
          'Load comes from a thread of another process: 8 connections for batches, 64 for single events, one request under way on each.',
          'Events are views by users of the data set of its items, drawn with their frequencies, each with an id of its own.',
        ],
      }
    } finally {
      await server.stop()
    }
  },
}

interface Ingested {
  readonly report: LoadReport
  readonly bare: LoadReport
  readonly perSecond: number
  readonly barePerSecond: number
  readonly logPerSecond: number
  readonly foldedShare: number
  /** From the last 202 until everything was folded, and until serving had read every item that changed. */
  readonly drainSeconds: number
  readonly servedSeconds: number
  readonly drained: number
}

async function measure(
  { data, seed, say, folder }: BenchContext,
  server: ServerProcess,
  shape: Shape,
): Promise<Ingested> {
  say(shape.name)
  const { batch, connections, warmUp, measured } = shape
  const events = clientEvents({ pairs: data.pairs(), count: warmUp + measured, seed, name: `ingest-${batch}` })
  const load = { requests: eventRequests(events, batch), connections, warmUp: warmUp / batch, keepBodies: 1 }
  const before = await server.state()
  const report = allAnswered(await httpLoad({ ...load, url: server.url }), 202)
  const after = await server.state()
  const began = performance.now()
  while ((await server.state()).folded < after.accepted) await sleep(200)
  const drainSeconds = (performance.now() - began) / 1000
  await server.caughtUp()
  const servedSeconds = (performance.now() - began) / 1000
  const accepted = after.accepted - before.accepted
  if (accepted !== events.length) throw new Error(`${accepted} events are on the log, ${events.length} were sent`)

  say(`${shape.name}: bare Fastify`)
  const peer = await bareProcess(report.bodies)
  const bare = allAnswered(await httpLoad({ ...load, url: peer.url }), 202)
  await peer.stop()
  say(`${shape.name}: the log alone`)
  const logPerSecond = await logAlone(folder(), events, batch, connections)
  return {
    report,
    bare,
    perSecond: (report.answered * batch) / report.seconds,
    barePerSecond: (bare.answered * batch) / bare.seconds,
    logPerSecond,
    foldedShare: (after.folded - before.folded) / accepted,
    drainSeconds,
    servedSeconds,
    drained: after.accepted - after.folded,
  }
}

/** Appends the same events to an empty log, as many under way as there were connections. */
async function logAlone(
  path: string,
  sent: readonly ClientEvent[],
  batch: number,
  connections: number,
): Promise<number> {
  const clock = systemClock()
  const codec = avroCodec()
  const accept = interactionAcceptor(defaultFoldSettings, () => '')
  const { events } = accept(sent, clock.now())
  const records = events.map((event) => ({ key: event.userId, value: codec.encodeEvent('interactions', event) }))
  const dataFolder = await openDataFolder({ path, clock, partitions: 8 })
  const log = lmdbEventLog({ folder: dataFolder, clock })
  const { seconds } = await inFlight(connections, records.length / batch, async (i) => {
    await log.append('interactions', records.slice(i * batch, (i + 1) * batch))
  })
  await log.close()
  await dataFolder.close()
  return records.length / seconds
}

function measuresOf(shape: Shape, found: Ingested): Measure[] {
  const { report, bare, perSecond, barePerSecond, logPerSecond } = found
  const isBatched = shape.batch > 1
  const least = isBatched ? goals.batched : goals.single
  const latency = percentiles(report.milliseconds)
  const bareRatio = short(perSecond / barePerSecond)
  const logRatio = short(perSecond / logPerSecond)
  return [
    {
      what: `${shape.name}, ${shape.connections} connections: events answered 202`,
      measured: rate(perSecond, 1),
      goal: { says: `≥ ${rate(least, 1)}`, met: perSecond >= least },
      beside: `bare Fastify ${rate(barePerSecond, 1)}, ratio ${bareRatio}; the log alone ${rate(logPerSecond, 1)}, ratio ${logRatio}`,
    },
    {
      what: `${shape.name}: request sent to 202`,
      measured: milliseconds(latency),
      ...(isBatched ? {} : { goal: { says: `p99 < ${goals.p99} ms`, met: latency.p99 < goals.p99 } }),
      beside: `bare Fastify ${milliseconds(percentiles(bare.milliseconds))}`,
    },
    {
      what: `${shape.name}: folded by the time of the last 202`,
      measured: `${percent(found.foldedShare)}; the rest ${short(found.drainSeconds)} s later; every changed item read again by serving ${short(found.servedSeconds)} s later`,
      beside: `the fold took ${rate(found.drained, found.drainSeconds)} while that drained`,
    },
  ]
}
