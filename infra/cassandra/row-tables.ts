import { tableNames, type TableName } from '#schemas/rows/tables.ts'
import { tableId } from './statements.ts'

/** Name of a generation's table, with its keyspace. `id` is the generation's ULID. */
export function rowTableName(keyspace: string, id: string, table: TableName | 'checkpoints'): string {
  return `${keyspace}.${bareName(id, table)}`
}

/** The statements that make the tables of a generation, one schema change each. */
export function createRowTables(keyspace: string, id: string): string[] {
  return [
    ...tableNames.map((table) => createTable(keyspace, bareName(id, table), rowColumns)),
    createTable(keyspace, bareName(id, 'checkpoints'), checkpointColumns),
  ]
}

/** Every table of a generation. */
export function rowTables(keyspace: string, id: string): string[] {
  return [...tableNames, 'checkpoints' as const].map((table) => rowTableName(keyspace, id, table))
}

export function dropRowTables(keyspace: string, id: string): string[] {
  return rowTables(keyspace, id).map((table) => `DROP TABLE IF EXISTS ${table}`)
}

/**
 * All of a row's state is one cell: of two writes under one timestamp one wins whole. A row is a few kilobytes, some 40 kB
 * at the very most; what bounds the rows of a partition (key), each far from the 100 MB that Cassandra bears well:
 * - heads, catalogue, profiles: there is one;
 * - chunks: the 16 places of the ring;
 * - item statistics: one for each partition of `interactions`, 64 on a cluster;
 * - ids: one for each day on which the user did something. Without a TTL they are for ever: 20 bytes an id, so 100 events a
 *   day on every day of ten years come to 3,650 rows, 7 MB.
 */
const rowColumns = 'key text, part int, state blob, PRIMARY KEY (key, part)'
const checkpointColumns = 'task text, part int, epoch int, next bigint, PRIMARY KEY ((task, part))'

/**
 * Rows are overwritten again and again and read by key: levelled compaction keeps a row in few files. What a read at a
 * quorum has seen, every later one sees: `BLOCKING`. A generation that is dropped gives its disk space back: no snapshot.
 */
const properties = [
  "compaction = {'class': 'LeveledCompactionStrategy'}",
  "compression = {'class': 'LZ4Compressor', 'chunk_length_in_kb': 16}",
  "read_repair = 'BLOCKING'",
  'allow_auto_snapshot = false',
]

function createTable(keyspace: string, name: string, columns: string): string {
  const id = `ID = ${tableId(keyspace, name)}`
  return `CREATE TABLE IF NOT EXISTS ${keyspace}.${name} (${columns}) WITH ${[id, ...properties].join(' AND ')}`
}

/** At most 48 characters, which is what Cassandra takes: `g`, a ULID, `_item_statistics`. */
function bareName(id: string, table: TableName | 'checkpoints'): string {
  return `g${id.toLowerCase()}_${table.replaceAll('-', '_')}`
}
