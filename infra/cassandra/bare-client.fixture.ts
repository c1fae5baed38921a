import { Client } from 'cassandra-driver'

export interface BareRow {
  readonly key: string
  readonly part: number
  readonly bytes: Uint8Array
}

export interface BareRowsOptions {
  readonly contactPoints: readonly string[]
  readonly datacenter: string
  /** Made, and dropped at the end. */
  readonly keyspace: string
}

/** The driver alone: one prepared statement a row, so many under way at a time. */
export interface BareRows {
  /** Returns seconds. */
  write(rows: readonly BareRow[], width: number): Promise<number>
  read(rows: readonly BareRow[], width: number): Promise<number>
  close(): Promise<void>
}

/** A table like those of the rows, in a keyspace of its own. */
export async function bareRows({ contactPoints, datacenter, keyspace }: BareRowsOptions): Promise<BareRows> {
  const port = Number(contactPoints[0]?.split(':')[1])
  const client = new Client({
    contactPoints: [...contactPoints],
    localDataCenter: datacenter,
    protocolOptions: { port },
    monitorReporting: { enabled: false },
  })
  await client.connect()
  const replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
  await client.execute(`CREATE KEYSPACE ${keyspace} WITH replication = ${replication}`)
  await client.execute(`CREATE TABLE ${keyspace}.rows (key text, part int, state blob, PRIMARY KEY (key, part))
    WITH compaction = {'class': 'LeveledCompactionStrategy'}`)
  const insert = `INSERT INTO ${keyspace}.rows (key, part, state) VALUES (?, ?, ?)`
  const select = `SELECT state FROM ${keyspace}.rows WHERE key = ? AND part = ?`

  async function each(rows: readonly BareRow[], width: number, one: (row: BareRow) => Promise<unknown>) {
    const began = performance.now()
    let next = 0
    async function lane(): Promise<void> {
      for (let row = rows[next++]; row !== undefined; row = rows[next++]) await one(row)
    }
    await Promise.all(Array.from({ length: width }, lane))
    return (performance.now() - began) / 1000
  }

  return {
    write: (rows, width) =>
      each(rows, width, ({ key, part, bytes }) =>
        client.execute(insert, [key, part, Buffer.from(bytes)], { prepare: true, isIdempotent: true }),
      ),
    read: (rows, width) =>
      each(rows, width, ({ key, part }) => client.execute(select, [key, part], { prepare: true, isIdempotent: true })),
    async close() {
      await client.execute(`DROP KEYSPACE ${keyspace}`)
      await client.shutdown()
    },
  }
}

/** Requests that a node has answered so far to clients by this driver, as the node counts them. */
export async function answeredRequests(options: Omit<BareRowsOptions, 'keyspace'>): Promise<number> {
  const client = new Client({
    contactPoints: [...options.contactPoints],
    localDataCenter: options.datacenter,
    protocolOptions: { port: Number(options.contactPoints[0]?.split(':')[1]) },
    monitorReporting: { enabled: false },
  })
  try {
    const { rows } = await client.execute('SELECT request_count FROM system_views.clients')
    return rows.reduce((sum, row) => sum + Number(row['request_count']), 0)
  } finally {
    await client.shutdown()
  }
}
