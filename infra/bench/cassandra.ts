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
    'How many rows a second does the store write and read, in calls of 500 rows, four under way? Beside it: the bare driver, one prepared statement a row, at the best of three widths, in turns with it.',
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
          `Each figure is the median of ${rounds} rounds, ours and the bare driver's in turns, after one that does not count.`,
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
const rounds = 3
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
  for (let round = 0; round <= rounds; round++) {
    const bareWrites = await best((width) => bare.write(rows, width))
    const writes = await inCalls(rows, (some) =>
      store.write(some.map((row) => ({ ...row, table: 'user-heads', epoch: 1, offset: round }))),
    )
    const bareReads = await best((width) => bare.read(rows, width))
    const reads = await inCalls(rows, (some) => store.read(some.map((row) => ({ ...row, table: 'user-heads' }))))
    if (round === 0) continue
    found.writes.push(count / writes)
    found.reads.push(count / reads)
    found.bareWrites.push(count / bareWrites)
    found.bareReads.push(count / bareReads)
  }
  return [
    measure(`writes of ${bytes} B`, found.writes, found.bareWrites),
    measure(`reads of ${bytes} B`, found.reads, found.bareReads),
  ]
}

/** The bare driver is given its best width in every round. */
async function best(seconds: (width: number) => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (const width of widths) least = Math.min(least, await seconds(width))
  return least
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
