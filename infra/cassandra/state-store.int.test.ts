import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import type { TableName } from '#schemas/rows/tables.ts'
import { stateStoreContract } from '#schemas/ports/state-store.contract.ts'
import { emptyGeneration, temporaryKeyspace, type TemporaryKeyspace } from './keyspace.fixture.ts'
import { openGeneration, type Generation } from './generations.ts'
import { migrate } from './migrate.ts'
import { rowTableName } from './row-tables.ts'
import { cassandraStateStore } from './state-store.ts'
import { execute } from './statements.ts'

const server = testServer('cassandra')

describe.skipIf(server === undefined)('Rows in Cassandra', () => {
  let space: TemporaryKeyspace
  let generation: Generation
  beforeAll(async () => {
    space = await temporaryKeyspace(server!)
    await migrate(space.cassandra)
    generation = await openGeneration(space.cassandra, 'contract')
  })
  afterAll(async () => await space.dispose())

  stateStoreContract('cassandra', async () => {
    const { cassandra } = space
    let store = cassandraStateStore({ cassandra, generation })
    return {
      store,
      scanOrder: 'any',
      async reopen() {
        await store.close()
        store = cassandraStateStore({ cassandra: await space.connect(), generation })
        return store
      },
      async dispose() {
        await store.close()
        await emptyGeneration(cassandra, generation)
      },
    }
  })

  describe('of several owners', () => {
    const row = { table: 'item-statistics', key: 'film', part: 3 } as const
    let store: StateStore
    beforeAll(() => {
      store = cassandraStateStore({ cassandra: space.cassandra, generation })
    })

    async function stored(): Promise<string | undefined> {
      const [bytes] = await store.read([row])
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
    }

    it("lose an older owner's write that lands late, in the store itself", async () => {
      const zombie = cassandraStateStore({ cassandra: await space.connect(), generation })
      await zombie.write([{ ...row, epoch: 1, offset: 10, bytes: Buffer.from('ten') }])
      await store.write([{ ...row, epoch: 1, offset: 12, bytes: Buffer.from('twelve') }])
      await zombie.write([{ ...row, epoch: 1, offset: 11, bytes: Buffer.from('eleven, much longer') }])
      expect(await stored()).toBe('twelve')
      await store.write([{ ...row, epoch: 2, offset: 0, bytes: Buffer.from('anew') }])
      await zombie.write([{ ...row, epoch: 1, offset: 2 ** 52 - 1, bytes: Buffer.from('the last of its epoch') }])
      expect(await stored()).toBe('anew')
    })

    it.each([2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 51 + 1, 2 ** 52 - 2])(
      'tell neighbours apart at offset %d',
      async (offset) => {
        const key = `film at ${offset}`
        const at = (place: number) => ({ ...row, key, epoch: 2047, offset: place, bytes: Buffer.from(String(place)) })
        await store.write([at(offset + 1)])
        await store.write([at(offset)])
        const { client, keyspace } = space.cassandra
        const table = rowTableName(keyspace, generation.id, row.table)
        const found = await client.execute(`SELECT state, WRITETIME(state) AS at FROM ${table} WHERE key = '${key}'`)
        expect(found.first()['state'].toString()).toBe(String(offset + 1))
        expect(BigInt(found.first()['at'].toString())).toBe(2047n * 2n ** 52n + BigInt(offset) + 1n)
      },
    )

    it('have checkpoints that go forward only', async () => {
      const zombie = cassandraStateStore({ cassandra: await space.connect(), generation })
      await store.saveCheckpoint('fold', { epoch: 1, partition: 7, offset: 2 ** 40 })
      await zombie.saveCheckpoint('fold', { epoch: 1, partition: 7, offset: 2 ** 40 - 1 })
      expect(await store.checkpoint('fold', 7)).toEqual({ epoch: 1, partition: 7, offset: 2 ** 40 })
      await store.saveCheckpoint('fold', { epoch: 2, partition: 7, offset: 0 })
      await zombie.saveCheckpoint('fold', { epoch: 1, partition: 7, offset: 2 ** 41 })
      expect(await store.checkpoint('fold', 7)).toEqual({ epoch: 2, partition: 7, offset: 0 })
    })

    it('are read and written in thousands, in requests of several rows', async () => {
      const keys = Array.from(
        { length: 3_000 },
        (_, i) => ({ table: 'user-ids', key: `u${i % 1_000}`, part: 20_000 + (i % 7) }) as const,
      )
      const size = (i: number) => 1 + ((i * 37) % 900)
      await store.write(keys.map((key, i) => ({ ...key, epoch: 1, offset: i, bytes: Buffer.alloc(size(i), i) })))
      const found = await store.read([...keys, { table: 'user-ids', key: 'u0', part: 1 }])
      expect(found.at(-1)).toBeUndefined()
      const wrong = keys.filter((_, i) => Buffer.compare(found[i] ?? Buffer.alloc(0), Buffer.alloc(size(i), i)) !== 0)
      expect(wrong).toEqual([])
    })

    it('refuses a position that no timestamp can hold', async () => {
      const write = store.write([{ ...row, epoch: 1, offset: 2 ** 52, bytes: Buffer.alloc(1) }])
      await expect(write).rejects.toMatchObject({ code: 'invalid-input' })
    })
  })

  it('keep ids for ever, or for days that no clock of the fold outlasts', async () => {
    const { cassandra } = space
    expect(() => cassandraStateStore({ cassandra, generation, idTtlDays: 6 })).toThrow(
      expect.objectContaining({ code: 'configuration-invalid' }),
    )
    const store = cassandraStateStore({ cassandra, generation, idTtlDays: 40 })
    const id = { table: 'user-ids', key: 'ttl', part: 1, epoch: 1, offset: 1, bytes: Buffer.from('id') } as const
    await store.write([id, { ...id, table: 'user-heads' }])
    const ttl = async (table: TableName) => {
      const query = `SELECT TTL(state) AS ttl FROM ${rowTableName(cassandra.keyspace, generation.id, table)} WHERE key = 'ttl'`
      const found: number | null = (await execute(cassandra, query)).first()['ttl']
      return found
    }
    expect(await ttl('user-ids')).toBeGreaterThan(39 * 86_400)
    expect(await ttl('user-heads')).toBeNull()
  })
})
