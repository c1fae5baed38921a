import { createHash } from 'node:crypto'
import type { types } from 'cassandra-driver'
import { MillraceError } from '#schemas/errors.ts'
import type { Cassandra } from './connect.ts'
import { isInvalid, storeError } from './store-error.ts'

/** Runs a prepared statement. Idempotent ones are tried on another node after a failure. Throws as `storeError` says. */
export async function execute(
  { client }: Pick<Cassandra, 'client'>,
  query: string,
  params: readonly unknown[] = [],
  { isIdempotent = true }: { readonly isIdempotent?: boolean } = {},
): Promise<types.ResultSet> {
  try {
    return await client.execute(query, [...params], { prepare: true, isIdempotent })
  } catch (error) {
    throw storeError(error)
  }
}

/** Runs a statement that can fail as invalid for one reason only: its table is not there, or is still being made. Undefined then. */
export async function executeIfThere(
  cassandra: Pick<Cassandra, 'client'>,
  query: string,
): Promise<types.ResultSet | undefined> {
  try {
    return await execute(cassandra, query)
  } catch (error) {
    if (isInvalid(error)) return undefined
    throw error
  }
}

/** Runs a conditional statement; says whether it was applied, and what stood in its way. */
export async function executeIf(
  cassandra: Pick<Cassandra, 'client'>,
  query: string,
  params: readonly unknown[],
): Promise<{ readonly applied: boolean; readonly found: types.Row }> {
  const result = await execute(cassandra, query, params, { isIdempotent: false })
  return { applied: result.wasApplied(), found: result.first() }
}

/** Changes the schema and waits until all nodes agree on it. */
export async function changeSchema({ client }: Pick<Cassandra, 'client'>, statement: string): Promise<void> {
  let result: types.ResultSet
  try {
    result = await client.execute(statement, [], { isIdempotent: false })
  } catch (error) {
    throw storeError(error, { statement })
  }
  // The driver's types leave this out.
  const isAgreed = 'isSchemaInAgreement' in result.info ? result.info.isSchemaInAgreement : true
  if (isAgreed === true) return
  throw new MillraceError('store-failed', 'the Cassandra nodes do not agree on the schema', {
    retriable: true,
    facts: { statement },
  })
}

/**
 * An id for a table that follows from its name: two nodes that create it at once create the same one, where ids of their
 * own would leave each with a table the other does not know.
 */
export function tableId(keyspace: string, table: string): string {
  const bytes = createHash('sha256').update(`${keyspace}.${table}`).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
