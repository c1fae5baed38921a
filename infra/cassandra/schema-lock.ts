import { setTimeout as after } from 'node:timers/promises'
import { ulid } from 'ulid'
import { MillraceError } from '#schemas/errors.ts'
import type { Cassandra } from './connect.ts'
import { changeSchema, executeIf, tableId } from './statements.ts'

/** A holder that died is waited for as long as this. What is done under the lock may be done twice, so an expired one does no harm. */
const ttlSeconds = 60
const waitMs = 2 * ttlSeconds * 1000
const pollMs = 100

/** Runs `act` while no other process changes the schema of this keyspace. Throws `store-failed` (retriable) after two minutes of waiting. */
export async function underSchemaLock(cassandra: Cassandra, act: () => Promise<void>): Promise<void> {
  const table = `${cassandra.keyspace}.schema_lock`
  const owner = ulid()
  await ensureLockTable(cassandra)
  await acquire(cassandra, table, owner)
  try {
    await act()
  } finally {
    await executeIf(cassandra, `DELETE FROM ${table} WHERE name = 'schema' IF owner = ?`, [owner])
  }
}

async function acquire(cassandra: Cassandra, table: string, owner: string): Promise<void> {
  const insert = `INSERT INTO ${table} (name, owner) VALUES ('schema', ?) IF NOT EXISTS USING TTL ${ttlSeconds}`
  for (let waited = 0; waited <= waitMs; waited += pollMs) {
    const { applied, found } = await executeIf(cassandra, insert, [owner])
    // A conditional write whose answer was lost may have been applied all the same.
    if (applied || found['owner'] === owner) return
    await after(pollMs)
  }
  const message = `another process has been changing the schema of ${cassandra.keyspace} for ${waitMs / 1000} seconds`
  throw new MillraceError('store-failed', message, { retriable: true })
}

/** Always asked for: `system_schema` lists a table a while before statements on it are taken, while this waits for whoever is making it. */
async function ensureLockTable(cassandra: Cassandra): Promise<void> {
  const { keyspace } = cassandra
  const id = tableId(keyspace, 'schema_lock')
  await changeSchema(
    cassandra,
    `CREATE TABLE IF NOT EXISTS ${keyspace}.schema_lock (name text PRIMARY KEY, owner text) WITH ID = ${id}`,
  )
}
