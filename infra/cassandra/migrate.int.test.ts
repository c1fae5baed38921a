import { setTimeout as after } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { dropGeneration, listGenerations, openGeneration } from './generations.ts'
import { temporaryKeyspace, type TemporaryKeyspace } from './keyspace.fixture.ts'
import { migrate } from './migrate.ts'
import { rowTables } from './row-tables.ts'
import { migrations } from './schema.ts'
import { cassandraStateStore } from './state-store.ts'
import { execute } from './statements.ts'

const server = testServer('cassandra')
const row = { table: 'user-heads', key: 'ann', part: 0, epoch: 1, offset: 5, bytes: Buffer.from('old') } as const

describe.skipIf(server === undefined)('The schema in Cassandra', () => {
  let space: TemporaryKeyspace
  beforeAll(async () => {
    space = await temporaryKeyspace(server!)
  })
  afterAll(async () => await space.dispose())

  async function tables(): Promise<string[]> {
    const query = 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?'
    const { rows } = await execute(space.cassandra, query, [space.cassandra.keyspace])
    return rows.map((found): string => found['table_name'])
  }

  it('is made once by processes that start at about the same time, and stays as it is when they start again', async () => {
    const sessions = await Promise.all(Array.from({ length: 8 }, () => space.connect()))
    await Promise.all(
      sessions.map(async (session, i) => {
        await after(i * 10)
        await migrate(session)
      }),
    )
    const made = await tables()
    expect(made).toEqual(expect.arrayContaining(['generations', 'topic_identities', 'user_features', 'interactions']))
    await migrate(space.cassandra)
    expect(await tables()).toEqual(made)
    const { rows } = await execute(space.cassandra, `SELECT version FROM ${space.cassandra.keyspace}.schema_versions`)
    expect(rows.map((found): number => found['version'])).toEqual(migrations.map(({ version }) => version))
  })

  it('takes the steps that a newer release adds, those cut short by a crash again', async () => {
    const { cassandra } = space
    const added = {
      version: 2,
      says: 'a table more',
      statements: ['CREATE TABLE IF NOT EXISTS KS.more (a int PRIMARY KEY)'],
    }
    const cutShort = { ...added, statements: [...added.statements, 'CREATE TABLE IF NOT EXISTS KS.'] }
    await expect(migrate(cassandra, [...migrations, cutShort])).rejects.toMatchObject({
      code: 'store-failed',
      retriable: false,
    })
    await migrate(cassandra, [...migrations, added])
    expect(await tables()).toContain('more')
  })

  it('of a newer release is refused', async () => {
    await expect(migrate(space.cassandra)).rejects.toMatchObject({
      code: 'format-unsupported',
      facts: { found: 2, known: 1 },
    })
  })

  it('has one set of tables for a generation, however many processes make it at once', async () => {
    const sessions = await Promise.all(Array.from({ length: 3 }, () => space.connect()))
    const opened = await Promise.all(sessions.map((session) => openGeneration(session, 'rows-1')))
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1)
    expect(await listGenerations(space.cassandra)).toEqual([opened[0]])
    const [first, second] = opened.map((generation, i) => cassandraStateStore({ cassandra: sessions[i]!, generation }))
    await first!.write([row])
    expect(await second!.read([row])).toEqual([row.bytes])
  })

  it('drops the tables of a generation whole; one of the same name then begins empty, in tables of its own', async () => {
    const { cassandra } = space
    const old = await openGeneration(cassandra, 'rows-1')
    await dropGeneration(cassandra, 'rows-1')
    await dropGeneration(cassandra, 'rows-1')
    expect(await listGenerations(cassandra)).toEqual([])
    const left = new Set(await tables())
    for (const name of rowTables(cassandra.keyspace, old.id)) expect(left).not.toContain(name.split('.')[1])
    const fresh = await openGeneration(cassandra, 'rows-1')
    expect(fresh.id).not.toBe(old.id)
    const store = cassandraStateStore({ cassandra, generation: fresh })
    expect(await store.read([row])).toEqual([undefined])
    const late = cassandraStateStore({ cassandra, generation: old }).write([row])
    await expect(late).rejects.toMatchObject({ code: 'store-failed', retriable: false })
  })

  it('drops what a crash left of a generation before it is made again', async () => {
    const { cassandra } = space
    const old = await openGeneration(cassandra, 'rows-2')
    const { keyspace } = cassandra
    await execute(cassandra, `UPDATE ${keyspace}.generations SET state = 'dropping' WHERE name = ? IF EXISTS`, [
      'rows-2',
    ])
    const fresh = await openGeneration(cassandra, 'rows-2')
    expect(fresh.id).not.toBe(old.id)
    expect(await tables()).not.toContain(rowTables(keyspace, old.id)[0]?.split('.')[1])
  })
})
