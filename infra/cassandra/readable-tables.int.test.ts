import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { readableTablesContract } from '#schemas/ports/readable-tables.contract.ts'
import { temporaryKeyspace, type TemporaryKeyspace } from './keyspace.fixture.ts'
import { migrate } from './migrate.ts'
import { cassandraReadableTables } from './readable-tables.ts'
import { execute } from './statements.ts'

const server = testServer('cassandra')
const names = ['interactions', 'interaction_months', 'user_features', 'item_features']

describe.skipIf(server === undefined)('Tables for people in Cassandra', () => {
  let space: TemporaryKeyspace
  beforeAll(async () => {
    space = await temporaryKeyspace(server!)
    await migrate(space.cassandra)
  })
  afterAll(async () => await space.dispose())

  async function rows(query: string, params: readonly unknown[]) {
    return (await execute(space.cassandra, query.replace('KS', space.cassandra.keyspace), params)).rows
  }

  readableTablesContract('cassandra', async () => ({
    tables: cassandraReadableTables({ cassandra: space.cassandra }),
    async eventIds(userId) {
      const months = await rows('SELECT month FROM KS.interaction_months WHERE user_id = ? ORDER BY month DESC', [
        userId,
      ])
      const query = 'SELECT event_id FROM KS.interactions WHERE user_id = ? AND month = ?'
      const found: string[] = []
      for (const { month } of months) for (const row of await rows(query, [userId, month])) found.push(row['event_id'])
      return found
    },
    async features(of, key) {
      const found = await rows(`SELECT feature_name, feature_value FROM KS.${of}_features WHERE ${of}_id = ?`, [key])
      return Object.fromEntries(found.map((row): [string, string] => [row['feature_name'], row['feature_value']]))
    },
    async dispose() {
      for (const name of names) await execute(space.cassandra, `TRUNCATE ${space.cassandra.keyspace}.${name}`)
    },
  }))

  it('say of an interaction what it was', async () => {
    const tables = cassandraReadableTables({ cassandra: space.cassandra })
    const timestamp = Date.parse('2026-02-28T23:59:59.999Z')
    const what = { userId: 'ann', eventId: 'e1', itemId: 'film', type: 'view', context: { device: 'tv' }, timestamp }
    await tables.putInteractions([{ ...what, epoch: 1, offset: 3 }])
    const [row] = await rows('SELECT * FROM KS.interactions WHERE user_id = ? AND month = ?', ['ann', '2026-02'])
    expect({ ...row }).toMatchObject({ timestamp: new Date(timestamp), event_id: 'e1', item_id: 'film', type: 'view' })
    expect(row?.['context']).toEqual({ device: 'tv' })
  })
})
