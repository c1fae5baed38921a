import { foldBatchOf } from '../../app/config.ts'
import { rowsCaughtUp } from '../../app/rows-caught-up.ts'
import type { Bench, BenchContext, Finding, Measure } from '../bench.ts'
import { assumptions } from '../capacity/assumptions.ts'
import { writeCapacity } from '../capacity/document.ts'
import { readUnitCosts, writeUnitCosts, type UnitCosts } from '../capacity/unit-costs.ts'
import { drawnUsers } from '../events.ts'
import { rate, short, whole } from '../figures.ts'
import { machine } from '../machine.ts'
import { measureBacklog } from './backlog.ts'
import { bareRowRates } from './bare-rows.ts'
import { measureFold } from './fold.ts'
import { foldMeasures, foldTable } from './fold-measures.ts'
import { measureFreshness } from './freshness.ts'
import { measureIngest } from './ingest.ts'
import { kafkaMeasures } from './kafka.ts'
import { loadData } from './load-data.ts'
import { unitCosts } from './costs.ts'
import { topicBytes } from './log-bytes.ts'
import { residentBytesOf } from './processes.ts'
import { startProcessor } from './processor.ts'
import { measureRecommend } from './recommend.ts'
import { copyBytes, rowBytes } from './row-bytes.ts'
import { measureTables } from './tables-for-people.ts'
import { appendEvents } from './traffic.ts'
import { startWorld, type World } from './world.ts'

/** Share of the events of a full measurement: for trying the bench itself. */
const scale = Number(process.env['CLUSTER_SCALE'] ?? 1)
const sized = (full: number) => Math.max(500, Math.round(full * scale))

const sizes = {
  kafkaRecords: sized(100_000),
  ingest: sized(150_000),
  fold: sized(150_000),
  uncoalesced: sized(40_000),
  bareRows: sized(10_000),
  backlog: sized(1_000_000),
  backlogSeconds: 240,
  freshnessSeconds: Math.max(4, Math.round(20 * Math.min(1, scale))),
  tablesSeconds: scale === 1 ? 8 : 2,
  users: sized(10_000),
  rowsLookedAt: 50_000,
}

export const clusterBench: Bench = {
  name: 'cluster',
  title: 'The cluster',
  question:
    'How fast are the roles on Kafka, Cassandra and Redis, with all servers, roles and the load on this one machine? Beside each: the bare tools, in the same run.',
  async run(context) {
    const world = await startWorld(context.folder())
    try {
      return await measureAll(world, context)
    } finally {
      await world.stop()
    }
  },
}

async function measureAll(world: World, { data, seed, say, folder }: BenchContext): Promise<Finding> {
  const { config, parts } = world
  const pairs = data.pairs()
  say(`loading and training: ${data.name}`)
  const loaded = await loadData(world, data, folder())
  const rows = await rowBytes(parts.store, sizes.rowsLookedAt)
  say('Kafka')
  const kafka = await kafkaMeasures(config, sizes.kafkaRecords, seed)
  tell(say, kafka)
  const { fold: count, uncoalesced } = sizes
  const fold = await measureFold({ world, pairs, seed, say, count, uncoalesced })
  say('the driver of Cassandra alone')
  const bare = await bareRowRates(world, sizes.bareRows)
  const folded = foldMeasures(fold, bare)
  tell(say, folded)

  say('the tables for people')
  const tables = await measureTables(world, sizes.tablesSeconds)
  tell(say, tables.measures)
  say('freshness')
  const serve = await world.role('serve')
  const ingest = await world.role('ingest')
  const live = await startProcessor(config)
  const seconds = sizes.freshnessSeconds
  const freshness = await measureFreshness({ ingest: ingest.url, serve: serve.url, pairs, seed, seconds })
  await rowsCaughtUp(parts)
  await live.stop()
  tell(say, freshness)
  say('recommendations')
  const users = drawnUsers(pairs, sizes.users, seed)
  const cold = await world.role('serve')
  const other = await world.role('serve')
  const front = await world.role('gateway', { ingestUrls: ingest.url, serveUrls: cold.url, trainUrls: '' })
  const recommended = await measureRecommend({ world, cold, other, gateway: front, users })
  await Promise.all([cold, other, front].map((role) => role.stop()))
  tell(say, recommended.measures)
  say('ingest, while no processor runs')
  const gateway = await world.role('gateway', { ingestUrls: ingest.url, serveUrls: serve.url, trainUrls: '' })
  const ingested = await measureIngest({
    world,
    urls: { ingest: ingest.url, gateway: gateway.url },
    pids: { ingest: ingest.pid, gateway: gateway.pid },
    pairs,
    count: sizes.ingest,
    seed,
  })
  tell(say, ingested.measures)
  const more = Math.max(0, sizes.backlog - ingested.sent)
  await appendEvents({ parts, pairs, count: more, seed, name: 'backlog' })
  say('a backlog')
  const backlog = await measureBacklog({
    world,
    start: () => startProcessor(config),
    ingest: ingest.url,
    serve,
    pairs,
    seed,
    events: ingested.sent + more,
    maxSeconds: sizes.backlogSeconds,
  })
  world.closing.push(() => backlog.processor.stop())
  tell(say, backlog.measures)
  keepCosts({
    ...unitCosts({ fold, tables, ingested, recommended, serveSeconds: backlog.serveSeconds }),
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    data: data.says,
    rows,
    copies: await copyBytes(parts, users.slice(0, 1_000)),
    log: await topicBytes(parts.log, world.folders.kafka),
    serving: { items: rows.catalogue.rows, residentBytes: residentBytesOf(serve.pid) },
  })
  return {
    measures: [...kafka, ...ingested.measures, ...folded, ...backlog.measures, ...freshness, ...recommended.measures],
    table: foldTable(fold),
    bound:
      'two cores for the servers, the roles and the load together: the table divides the processor time of an event among them',
    notes: [
      `The data set was folded by one processor from its start at ${rate(loaded.events, loaded.foldSeconds)}, and a model trained in ${short(loaded.trainSeconds)} s.`,
      'Kafka, Cassandra and Redis without replicas. While events are taken in nothing is folded: that is the backlog of the later lines.',
      `Events are views by users of the data set of its items, drawn with their frequencies; batches of one processor hold up to ${whole(foldBatchOf(config))} events of a partition, of which there are ${parts.log.partitions('interactions')}.`,
      'The tables for people are off but where they are named: they follow at their own pace, and stand aside while the fold lags.',
      'Rows of a first visit: each user is asked for once, and the instance has just been started.',
    ],
  }
}

/** What was found so far: a later part may fail. */
function tell(say: BenchContext['say'], measures: readonly Measure[]): void {
  for (const { what, measured } of measures) say(`  ${what}: ${measured}`)
}

/** Those of a trial run are kept only where there are none yet. */
function keepCosts(costs: UnitCosts): void {
  if (scale !== 1 && readUnitCosts() !== undefined) return
  writeUnitCosts(costs)
  writeCapacity(readUnitCosts() ?? costs, assumptions)
}
