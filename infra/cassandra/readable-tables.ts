import { MillraceError } from '#schemas/errors.ts'
import type {
  ReadableErasure,
  ReadableFeatures,
  ReadableInteraction,
  ReadableTables,
} from '#schemas/ports/readable-tables.ts'
import type { types } from 'cassandra-driver'
import type { Cassandra } from './connect.ts'
import { rowTimestamp } from './row-timestamp.ts'
import { execute } from './statements.ts'
import { storeError } from './store-error.ts'

interface Statement {
  readonly query: string
  readonly params: unknown[]
}

/**
 * The tables `interactions`, `user_features` and `item_features`, of which people read. All is written, and removed, at
 * the timestamp of its position: what an erasure has removed stays away even if an older owner writes it again.
 */
export function cassandraReadableTables({ cassandra }: { readonly cassandra: Cassandra }): ReadableTables {
  const { client, keyspace, window } = cassandra

  /** Statements of one partition, taken whole or not at all. */
  async function batch(statements: readonly Statement[]): Promise<void> {
    try {
      await client.batch([...statements], { prepare: true, isIdempotent: true, logged: false })
    } catch (error) {
      throw storeError(error)
    }
  }

  async function putInteraction(row: ReadableInteraction): Promise<void> {
    const { userId, eventId, itemId, type, context, timestamp } = row
    const at = rowTimestamp(row.epoch, row.offset)
    const month = monthOf(timestamp)
    const known = `INSERT INTO ${keyspace}.interaction_months (user_id, month) VALUES (?, ?) USING TIMESTAMP ?`
    const insert = `INSERT INTO ${keyspace}.interactions (user_id, month, timestamp, event_id, item_id, type, context)
      VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`
    // The month first: an erasure finds the rows by it.
    await execute(cassandra, known, [userId, month, at])
    await execute(cassandra, insert, [userId, month, new Date(timestamp), eventId, itemId, type, context, at])
  }

  async function erase(user: ReadableErasure): Promise<void> {
    const { userId } = user
    const at = rowTimestamp(user.epoch, user.offset)
    const months = await execute(cassandra, `SELECT month FROM ${keyspace}.interaction_months WHERE user_id = ?`, [
      userId,
    ])
    for (const row of months.rows) {
      const month: string = row['month']
      const forget = `DELETE FROM ${keyspace}.interactions USING TIMESTAMP ? WHERE user_id = ? AND month = ?`
      await execute(cassandra, forget, [at, userId, month])
    }
    const forget = `DELETE FROM ${keyspace}.interaction_months USING TIMESTAMP ? WHERE user_id = ?`
    await execute(cassandra, forget, [at, userId])
    await batch([removal(keyspace, { of: 'user', key: userId, scope: 'activity' }, at)])
  }

  async function putFeatures(write: ReadableFeatures): Promise<void> {
    const statements = featureStatements(keyspace, write)
    if (statements.length > 0) await batch(statements)
  }

  return {
    async putInteractions(rows) {
      await window.all(rows.length, (i) => putInteraction(rows[i]!))
    },
    async putFeatures(writes) {
      await window.all(writes.length, (i) => putFeatures(writes[i]!))
    },
    async erase(users) {
      await window.all(users.length, (i) => erase(users[i]!))
    },
  }
}

function featureStatements(keyspace: string, write: ReadableFeatures): Statement[] {
  const { of, key, scope, updatedAt } = write
  const at = rowTimestamp(write.epoch, write.offset)
  const query = `INSERT INTO ${keyspace}.${of}_features (${of}_id, feature_name, feature_value, updated_at)
    VALUES (?, ?, ?, ?) USING TIMESTAMP ?`
  const puts = Object.entries(write.values).map(([name, value]): Statement => ({
    query,
    params: [key, `${scope}.${name}`, value, new Date(updatedAt), at],
  }))
  // At one timestamp a removal would win over the values.
  return write.replaces ? [removal(keyspace, write, at.subtract(1)), ...puts] : puts
}

/** Removes the features of one scope; `/` is the character after the dot. */
function removal(
  keyspace: string,
  { of, key, scope }: Pick<ReadableFeatures, 'of' | 'key' | 'scope'>,
  at: types.Long,
): Statement {
  const query = `DELETE FROM ${keyspace}.${of}_features USING TIMESTAMP ?
    WHERE ${of}_id = ? AND feature_name >= ? AND feature_name < ?`
  return { query, params: [at, key, `${scope}.`, `${scope}/`] }
}

/** In UTC: partitions of a user's interactions. */
function monthOf(timestamp: number): string {
  const date = new Date(timestamp)
  if (!Number.isNaN(date.getTime())) return date.toISOString().slice(0, -17)
  throw new MillraceError('invalid-input', `no time: ${timestamp}`, { facts: { timestamp } })
}
