import { MillraceError } from '#schemas/errors.ts'
import type { Cassandra } from './connect.ts'
import { underSchemaLock } from './schema-lock.ts'
import { migrations, type Migration } from './schema.ts'
import { changeSchema, execute, executeIfThere, tableId } from './statements.ts'

/**
 * Brings the keyspace to the schema this release knows; several processes may do so at once. Throws `format-unsupported`
 * when a newer release has been here.
 */
export async function migrate(cassandra: Cassandra, steps: readonly Migration[] = migrations): Promise<void> {
  const known = steps.at(-1)?.version ?? 0
  if ((await checkedVersion(cassandra, known)) === known) return
  await underSchemaLock(cassandra, async () => {
    await ensureVersionTable(cassandra)
    const from = await checkedVersion(cassandra, known)
    for (const step of steps) if (step.version > from) await take(cassandra, step)
  })
}

/** The newest version the keyspace has, 0 for none. */
async function checkedVersion(cassandra: Cassandra, known: number): Promise<number> {
  const { keyspace } = cassandra
  const query = `SELECT version FROM ${keyspace}.schema_versions WHERE name = 'keyspace'`
  const rows = (await executeIfThere(cassandra, query))?.rows ?? []
  const found = Math.max(0, ...rows.map((row): number => row['version']))
  if (found <= known) return found
  throw new MillraceError(
    'format-unsupported',
    `keyspace ${keyspace} has schema ${found}; this release knows ${known}`,
    {
      facts: { keyspace, found, known },
    },
  )
}

async function ensureVersionTable(cassandra: Cassandra): Promise<void> {
  const { keyspace } = cassandra
  await changeSchema(
    cassandra,
    `CREATE TABLE IF NOT EXISTS ${keyspace}.schema_versions
       (name text, version int, says text, applied_at timestamp, PRIMARY KEY (name, version))
       WITH ID = ${tableId(keyspace, 'schema_versions')}`,
  )
}

async function take(cassandra: Cassandra, { version, says, statements }: Migration): Promise<void> {
  const { keyspace } = cassandra
  for (const statement of statements) await changeSchema(cassandra, statement.replaceAll('KS.', `${keyspace}.`))
  const insert = `INSERT INTO ${keyspace}.schema_versions (name, version, says, applied_at)
    VALUES ('keyspace', ?, ?, toTimestamp(now()))`
  await execute(cassandra, insert, [version, says])
}
