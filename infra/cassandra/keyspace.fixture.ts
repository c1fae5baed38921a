import { randomBytes } from 'node:crypto'
import type { Generation } from './generations.ts'
import { rowTables } from './row-tables.ts'
import { execute } from './statements.ts'
import { connectCassandra, type Cassandra, type CassandraOptions } from './connect.ts'

export interface TemporaryKeyspace {
  readonly cassandra: Cassandra
  /** Another session on the same keyspace, as another process has; closed with the rest. */
  connect(): Promise<Cassandra>
  /** Drops the keyspace and closes every session. */
  dispose(): Promise<void>
}

/** A keyspace of its own on a real server, with one replica. */
export async function temporaryKeyspace(
  server: Pick<CassandraOptions, 'contactPoints' | 'datacenter'>,
): Promise<TemporaryKeyspace> {
  const options = { ...server, keyspace: `test_${randomBytes(6).toString('hex')}`, replication: '1' }
  const sessions: Cassandra[] = []
  async function connect(): Promise<Cassandra> {
    const session = await connectCassandra(options)
    sessions.push(session)
    return session
  }
  const cassandra = await connect()
  return {
    cassandra,
    connect,
    async dispose() {
      await cassandra.client.execute(`DROP KEYSPACE ${options.keyspace}`)
      await Promise.all(sessions.map((session) => session.close()))
    },
  }
}

/** Empties the tables of a generation: much faster than making another. */
export async function emptyGeneration(cassandra: Cassandra, generation: Generation): Promise<void> {
  for (const table of rowTables(cassandra.keyspace, generation.id)) await execute(cassandra, `TRUNCATE ${table}`)
}
