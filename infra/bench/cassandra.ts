import { bareRows, type BareRow, type BareRows } from '#infra/cassandra/bare-client.fixture.ts'
import { connectCassandra, type Cassandra } from '#infra/cassandra/connect.ts'
import { openGeneration } from '#infra/cassandra/generations.ts'
import { migrate } from '#infra/cassandra/migrate.ts'
import { cassandraStateStore } from '#infra/cassandra/state-store.ts'
import { startCassandra } from '#infra/servers/cassandra.ts'
import { seededRandom } from '#schemas/math/random.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import type { Bench, Measure } from './bench.ts'
import { milliseconds, rate, short } from './figures.ts'
import { inFlight } from './in-flight.ts'
import { percentiles } from './percentiles.ts'

export const cassandraBench: Bench = {
  name: 'cassandra',
  title: 'Rows in Cassandra',
  question:
    'How many rows a second does the store write and read, in calls of 500 rows, four under way? Beside it: the bare driver, one prepared statement a row, at the best of three widths.',
  async run({ seed, folder, say }) {
    const server = await startCassandra({ dir: folder() })
    let cassandra: Cassandra | undefined
    let bare: BareRows | undefined
    try {
      bare = await bareRows({ ...server, keyspace: 'bare' })
      cassandra = await connectCassandra({ ...server, keyspace: 'bench', replication: '1' })
      await migrate(cassandra)
      const store = cassandraStateStore({ cassandra, generation: await openGeneration(cassandra, 'bench') })
      const measures: Measure[] = []
      for (const { bytes, count } of sizes) {
        say(`rows of ${bytes} B`)
        measures.push(...(await ofSize(store, bare, { bytes, count, seed })))
      }
      say('single reads, scan')
      measures.push(await singleReads(store), await scan(store))
      return {
        measures,
        bound:
          'the processor, which the server takes most of: for small rows the request, so several rows share one; for large ones the commit log and the copying of bytes',
        notes: [
          `Each figure is the median of ${rounds} rounds, ours and the bare driver's in turns, after one that does not count; widths 64, 128 and 256 were tried for the bare driver before.`,
          'The bare driver writes without timestamps and at consistency LOCAL_ONE; on one node a quorum is the same node.',
          'Up to 10 small rows of at most 5 kB together share a request: Cassandra warns of more. Reads share one up to 16 keys.',
        ],
      }
    } finally {
      // The server goes with its data: a session that cannot be closed in time does not matter.
      await Promise.allSettled([bare?.close(), cassandra?.close()])
      await server.stop()
    }
  },
}

const sizes = [
  { bytes: 200, count: 16_000 },
  { bytes: 2_048, count: 6_000 },
  { bytes: 16_384, count: 2_000 },
]
const rounds = 5
const table = 'user-heads' as const
const widths = [64, 128, 256]
const rowsOfACall = 500
const callsUnderWay = 4
const goal = 0.9

interface SizeOptions {
  readonly bytes: number
  readonly count: number
  readonly seed: number
}

async function ofSize(store: StateStore, bare: BareRows, { bytes, count, seed }: SizeOptions): Promise<Measure[]> {
  const random = seededRandom(seed)
  const content = new Uint8Array(bytes).map(() => random() * 256)
  const rows = Array.from({ length: count }, (_, i): BareRow => ({
    key: `user-${bytes}-${i}`,
    part: 0,
    bytes: content,
  }))
  const found = { writes: [] as number[], reads: [] as number[], bareWrites: [] as number[], bareReads: [] as number[] }
  const ours = {
    write: () => inCalls(rows, (some) => store.write(some.map((row) => ({ ...row, table, epoch: 1, offset: 1 })))),
    read: () => inCalls(rows, (some) => store.read(some.map((row) => ({ ...row, table })))),
  }
  const writeWidth = await bestWidth((width) => bare.write(rows, width))
  const readWidth = await bestWidth((width) => bare.read(rows, width))
  await ours.write()
  await ours.read()
  for (let round = 0; round < rounds; round++) {
    found.bareWrites.push(count / (await bare.write(rows, writeWidth)))
    found.writes.push(count / (await ours.write()))
    found.bareReads.push(count / (await bare.read(rows, readWidth)))
    found.reads.push(count / (await ours.read()))
  }
  return [
    measure(`writes of ${bytes} B`, found.writes, found.bareWrites),
    measure(`reads of ${bytes} B`, found.reads, found.bareReads),
  ]
}

/** Found before the rounds that count, so that chance does not choose for the bare driver in each of them. */
async function bestWidth(seconds: (width: number) => Promise<number>): Promise<number> {
  await seconds(widths[0]!)
  const times: { readonly width: number; readonly seconds: number }[] = []
  for (const width of widths) times.push({ width, seconds: await seconds(width) })
  return times.reduce((best, time) => (time.seconds < best.seconds ? time : best)).width
}

async function inCalls(
  rows: readonly BareRow[],
  call: (some: readonly BareRow[]) => Promise<unknown>,
): Promise<number> {
  const count = rows.length / rowsOfACall
  const { seconds } = await inFlight(callsUnderWay, count, async (i) => {
    await call(rows.slice(i * rowsOfACall, (i + 1) * rowsOfACall))
  })
  return seconds
}

function measure(what: string, ours: readonly number[], bare: readonly number[]): Measure {
  const [mine, theirs] = [percentiles(ours).p50, percentiles(bare).p50]
  return {
    what,
    measured: `${rate(mine, 1)} rows`,
    goal: { says: `≥ ${goal} × the bare driver`, met: mine >= goal * theirs },
    beside: `bare driver ${rate(theirs, 1)}, ratio ${short(mine / theirs)}`,
  }
}

async function singleReads(store: StateStore): Promise<Measure> {
  const { milliseconds: times } = await inFlight(1, 2_000, async (i) => {
    await store.read([{ table: 'user-heads', key: `user-2048-${i}`, part: 0 }])
  })
  return { what: 'one row of 2 kB, one read under way', measured: milliseconds(percentiles(times)) }
}

async function scan(store: StateStore): Promise<Measure> {
  const began = performance.now()
  let rows = 0
  for await (const page of store.scan('user-heads')) rows += page.length
  return { what: `a scan of all ${rows} rows`, measured: `${rate(rows, (performance.now() - began) / 1000)} rows` }
}
