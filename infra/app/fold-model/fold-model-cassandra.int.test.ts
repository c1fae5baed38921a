import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { avroCodec } from '#infra/avro/codec.ts'
import { openGeneration } from '#infra/cassandra/generations.ts'
import { temporaryKeyspace, type TemporaryKeyspace } from '#infra/cassandra/keyspace.fixture.ts'
import { migrate } from '#infra/cassandra/migrate.ts'
import { cassandraStateStore } from '#infra/cassandra/state-store.ts'
import { memoryEventLog } from '#infra/memory/event-log.ts'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import { tableNames } from '#schemas/rows/tables.ts'
import { prefixedStore } from './prefixed-store.fixture.ts'
import { rowName, runRealSchedule } from './real-schedule.fixture.ts'
import { sabotages } from './sabotages.fixture.ts'

const server = testServer('cassandra')
const codec = avroCodec()
const schedules = 100
const sabotagedSchedules = 40
const steps = 400

function emptyLog(seed: number) {
  return memoryEventLog({ partitions: 1 + (seed % 4), clock: { now: () => 0 } })
}

describe.skipIf(server === undefined)('The fold protocol on Cassandra', () => {
  let space: TemporaryKeyspace
  let store: StateStore
  beforeAll(async () => {
    space = await temporaryKeyspace(server!)
    await migrate(space.cassandra)
    const generation = await openGeneration(space.cassandra, 'model')
    store = cassandraStateStore({ cassandra: space.cassandra, generation })
  })
  afterAll(async () => await space.dispose())

  it(`ends byte for byte in the straight fold under ${schedules} random schedules`, async () => {
    const expected = new Set<string>()
    for (let seed = 0; seed < schedules; seed++) {
      const prefix = `${seed}/`
      const own = prefixedStore(store, prefix)
      const end = await runRealSchedule({ seed, codec, log: emptyLog(seed), store: own, steps })
      expect({ seed, broken: end.broken }).toEqual({ seed, broken: [] })
      for (const name of end.expected) expected.add(`${prefix}${name}`)
    }
    const extra: string[] = []
    for (const table of tableNames) {
      for await (const page of store.scan(table)) {
        for (const { key, part } of page) {
          const [prefix = '', ...rest] = key.split(/(?<=\/)/)
          const name = `${prefix}${rowName(table, rest.join(''), part)}`
          if (!expected.delete(name)) extra.push(name)
        }
      }
    }
    expect({ extra, missing: [...expected] }).toEqual({ extra: [], missing: [] })
  })

  let writes = 2 ** 40
  const lastWriteWins = (store: StateStore): StateStore => ({
    ...store,
    write: (rows) => store.write(rows.map((row) => ({ ...row, offset: writes++ }))),
  })
  const taken = { ...sabotages, 'the last write wins, not the highest position': { store: lastWriteWins } }

  it.each(Object.entries(taken))('breaks when %s', async (rule, { store: sabotage }) => {
    let broken = 0
    for (let seed = 0; seed < sabotagedSchedules && broken === 0; seed++) {
      const own = prefixedStore(store, `${rule} ${seed}/`)
      const log = emptyLog(seed)
      const end = await runRealSchedule({
        seed,
        codec,
        log,
        store: own,
        steps,
        ...(sabotage !== undefined && { sabotage }),
      })
      broken += end.broken.length
    }
    expect(broken).toBeGreaterThan(0)
  })
})
