import { ulid } from 'ulid'
import type { Cassandra } from './connect.ts'
import { createRowTables, dropRowTables } from './row-tables.ts'
import { underSchemaLock } from './schema-lock.ts'
import { changeSchema, execute, executeIf } from './statements.ts'

/** Rows folded by one set of reducers and settings. */
export interface Generation {
  /** The app's name for it, say a digest. */
  readonly name: string
  /** Names its tables: fresh, so that nothing of a generation dropped before is ever met in them. */
  readonly id: string
}

/** Finds the generation of this name, or makes its tables; processes that do so at once come to the same ones. */
export async function openGeneration(cassandra: Cassandra, name: string): Promise<Generation> {
  for (;;) {
    const known = await find(cassandra, name)
    if (known?.state === 'ready') return { name, id: known.id }
    if (known?.state === 'dropping') await dropGeneration(cassandra, name)
    else await make(cassandra, name, known?.id ?? (await claim(cassandra, name)))
  }
}

/** The id under which this name's tables will be made: ours, or that of whoever was first. */
async function claim(cassandra: Cassandra, name: string): Promise<string> {
  const insert = `INSERT INTO ${cassandra.keyspace}.generations (name, id, state, created_at)
    VALUES (?, ?, 'making', toTimestamp(now())) IF NOT EXISTS`
  const mine = ulid()
  const { applied, found } = await executeIf(cassandra, insert, [name, mine])
  return applied ? mine : found['id']
}

async function make(cassandra: Cassandra, name: string, id: string): Promise<void> {
  const { keyspace } = cassandra
  await underSchemaLock(cassandra, async () => {
    const known = await find(cassandra, name)
    if (known?.id !== id || known.state !== 'making') return
    for (const statement of createRowTables(keyspace, id)) await changeSchema(cassandra, statement)
    const ready = `UPDATE ${keyspace}.generations SET state = 'ready' WHERE name = ? IF id = ? AND state = 'making'`
    await executeIf(cassandra, ready, [name, id])
  })
}

export async function listGenerations(cassandra: Cassandra): Promise<readonly Generation[]> {
  const { rows } = await execute(cassandra, `SELECT name, id FROM ${cassandra.keyspace}.generations`)
  return rows.map((row): Generation => ({ name: row['name'], id: row['id'] }))
}

/** Drops the tables of a generation whole. Its name may then be used for a new one. */
export async function dropGeneration(cassandra: Cassandra, name: string): Promise<void> {
  const { keyspace } = cassandra
  const known = await find(cassandra, name)
  if (known === undefined) return
  await underSchemaLock(cassandra, async () => {
    // Not `ready` from here on: after a crash in between, whoever opens it drops the rest of it first.
    const unready = `UPDATE ${keyspace}.generations SET state = 'dropping' WHERE name = ? IF id = ?`
    const { applied } = await executeIf(cassandra, unready, [name, known.id])
    if (!applied) return
    for (const statement of dropRowTables(keyspace, known.id)) await changeSchema(cassandra, statement)
    await executeIf(cassandra, `DELETE FROM ${keyspace}.generations WHERE name = ? IF id = ?`, [name, known.id])
  })
}

async function find(cassandra: Cassandra, name: string): Promise<{ id: string; state: string } | undefined> {
  const query = `SELECT id, state FROM ${cassandra.keyspace}.generations WHERE name = ?`
  const row = (await execute(cassandra, query, [name])).first()
  return row === null ? undefined : { id: row['id'], state: row['state'] }
}
