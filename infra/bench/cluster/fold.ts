import { setTimeout as sleep } from 'node:timers/promises'
import { answeredRequests } from '#infra/cassandra/bare-client.fixture.ts'
import { tableNames } from '#schemas/rows/tables.ts'
import type { Config } from '../../app/config-keys.ts'
import type { RatedPair } from '../bench-data.ts'
import type { StoreTraffic, Traffic } from './counted-store.ts'
import { cpuMeter } from './processes.ts'
import { startProcessor, type Processor } from './processor.ts'
import { appendEvents, drained } from './traffic.ts'
import type { World } from './world.ts'

/** What one event costs, averaged over a run. */
export interface FoldCosts {
  readonly events: number
  readonly perSecond: number
  readonly isDry: boolean
  /** Rows, and bytes of their state, an event. */
  readonly rowsRead: number
  readonly rowsWritten: number
  readonly bytesRead: number
  readonly bytesWritten: number
  /** Requests that Cassandra answered, an event; one may carry several rows. */
  readonly requests: number
  /** Processor microseconds an event: of all processors together, and of the servers. */
  readonly processorMicros: number
  readonly cassandraMicros: number
  readonly kafkaMicros: number
}

export interface FoldOptions {
  readonly world: World
  readonly pairs: readonly RatedPair[]
  readonly seed: number
  readonly say: (line: string) => void
  /** Events of a run on a backlog, and of one in which nearly no row is shared. */
  readonly count: number
  readonly uncoalesced: number
}

export interface FoldRuns {
  /** One processor, as configured by default. */
  readonly one: FoldCosts
  readonly two: FoldCosts
  /** One processor, every event of another user with another item: no two share a row. */
  readonly uncoalesced: FoldCosts
}

const maxSeconds = 60

/** One processor on a backlog, two on the same, and one that coalesces nothing. No other role is to run meanwhile. */
export async function measureFold(options: FoldOptions): Promise<FoldRuns> {
  const { world, count, say } = options
  const { config } = world
  const warmUp = Math.round(count / 5)
  const first = await startProcessor(config)
  const second: Processor[] = []
  try {
    say('one processor on a backlog')
    await run(options, [first], warmUp, 'warm')
    const one = await run(others(options, 'one'), [first], count, 'one')
    say('two processors')
    second.push(await startProcessor(config))
    await split([first, ...second], world.parts.log.partitions('interactions'))
    await run(options, [first, ...second], warmUp, 'warm-again')
    const two = await run(others(options, 'two'), [first, ...second], count, 'two')
    await Promise.all([first, ...second].map((processor) => processor.stop()))
    say('one processor that coalesces nothing')
    return { one, two, uncoalesced: await uncoalescedRun(options, config) }
  } finally {
    await Promise.all([first, ...second].map((processor) => processor.stop()))
  }
}

/** The same events of other users with other items: rows grow with every run, and would be dearer in the next. */
function others(options: FoldOptions, name: string): FoldOptions {
  const pairs = options.pairs.map(({ userId, itemId, ...rest }) => ({
    ...rest,
    userId: `${name}-${userId}`,
    itemId: `${name}-${itemId}`,
  }))
  return { ...options, pairs }
}

async function uncoalescedRun(options: FoldOptions, config: Config): Promise<FoldCosts> {
  const processor = await startProcessor(config)
  try {
    await run(options, [processor], options.uncoalesced, 'apart-at-first', true)
    return await run(options, [processor], options.uncoalesced, 'apart', true)
  } finally {
    await processor.stop()
  }
}

/** Resolves once each has a share and none is left over. */
async function split(processors: readonly Processor[], partitions: number): Promise<void> {
  for (;;) {
    const owned = await Promise.all(processors.map(async (processor) => (await processor.state()).partitions))
    if (owned.every((count) => count > 0) && owned.reduce((sum, count) => sum + count, 0) === partitions) return
    await sleep(100)
  }
}

/** Appends events at once and measures until they are folded. */
async function run(
  { world, pairs, seed }: FoldOptions,
  processors: readonly Processor[],
  count: number,
  name: string,
  apart = false,
): Promise<FoldCosts> {
  const { parts, pids, config } = world
  const cassandra = {
    contactPoints: config.cassandraContactPoints.split(','),
    datacenter: config.cassandraDatacenter,
  }
  const before = sumOf(await trafficOf(processors))
  const requestsBefore = await answeredRequests(cassandra)
  const meters = processors.map(({ pid }) => cpuMeter({ processor: pid }))
  const servers = cpuMeter(pids)
  const began = performance.now()
  await appendEvents({ parts, pairs, count, seed, name, apart })
  const { isDry, folded } = await drained(parts, processors, maxSeconds)
  const seconds = (performance.now() - began) / 1000
  const events = isDry ? count : Math.min(count, folded)
  const cpu = servers()
  const processorSeconds = meters.reduce((sum, meter) => sum + meter().processor, 0)
  const requests = (await answeredRequests(cassandra)) - requestsBefore
  const after = sumOf(await trafficOf(processors))
  const micros = (cpuSeconds: number) => (cpuSeconds * 1e6) / events
  return {
    events,
    perSecond: events / seconds,
    isDry,
    rowsRead: (after.read.rows - before.read.rows) / events,
    rowsWritten: (after.written.rows - before.written.rows) / events,
    bytesRead: (after.read.bytes - before.read.bytes) / events,
    bytesWritten: (after.written.bytes - before.written.bytes) / events,
    requests: requests / events,
    processorMicros: micros(processorSeconds),
    cassandraMicros: micros(cpu.cassandra),
    kafkaMicros: micros(cpu.kafka),
  }
}

async function trafficOf(processors: readonly Processor[]): Promise<StoreTraffic[]> {
  return Promise.all(processors.map(async (processor) => (await processor.state()).traffic))
}

function sumOf(traffic: readonly StoreTraffic[]) {
  const sum = (of: (one: StoreTraffic) => StoreTraffic['read'], figure: keyof Traffic) =>
    traffic.reduce((total, one) => total + tableNames.reduce((all, table) => all + of(one)[table][figure], 0), 0)
  const both = (of: (one: StoreTraffic) => StoreTraffic['read']) => ({ rows: sum(of, 'rows'), bytes: sum(of, 'bytes') })
  return { read: both(({ read }) => read), written: both(({ written }) => written) }
}
