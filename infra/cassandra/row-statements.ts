import { MillraceError } from '#schemas/errors.ts'
import type { TableName } from '#schemas/rows/tables.ts'
import { rowTableName } from './row-tables.ts'

/** The CQL of one table. */
export interface TableStatements {
  /** key, part, state, timestamp. */
  readonly insert: string
  /** key, part. */
  readonly one: string
  /** keys, parts: all of these parts of all of these keys. */
  readonly several: string
  /** key: all its parts. */
  readonly parts: string
  /** keys: all their parts. */
  readonly severalParts: string
  readonly all: string
}

export interface RowStatements {
  readonly tables: Readonly<Record<TableName, TableStatements>>
  /** task, partition. */
  readonly checkpoint: string
  /** task, partition, epoch, next, timestamp. */
  readonly saveCheckpoint: string
}

export interface RowStatementsOptions {
  readonly keyspace: string
  /** Of the generation. */
  readonly id: string
  readonly idTtlDays: number
}

const daySeconds = 86_400
const shortestTtlDays = 7

/** Every statement on the tables of a generation: there is no DELETE, no condition, and no write without a timestamp. */
export function rowStatements({ keyspace, id, idTtlDays }: RowStatementsOptions): RowStatements {
  if (idTtlDays !== 0 && !(idTtlDays >= shortestTtlDays)) {
    const message = `ids are looked up for ${shortestTtlDays} days: a TTL of ${idTtlDays} days would count repeats again`
    throw new MillraceError('configuration-invalid', message, { facts: { idTtlDays } })
  }
  const idTtl = idTtlDays === 0 ? '' : `TTL ${Math.ceil(idTtlDays * daySeconds)} AND `
  const of = (table: TableName): TableStatements => {
    const name = rowTableName(keyspace, id, table)
    const rows = `SELECT key, part, state FROM ${name}`
    const using = `USING ${table === 'user-ids' ? idTtl : ''}TIMESTAMP ?`
    return {
      insert: `INSERT INTO ${name} (key, part, state) VALUES (?, ?, ?) ${using}`,
      one: `${rows} WHERE key = ? AND part = ?`,
      several: `${rows} WHERE key IN ? AND part IN ?`,
      parts: `${rows} WHERE key = ?`,
      severalParts: `${rows} WHERE key IN ?`,
      all: rows,
    }
  }
  const checkpoints = rowTableName(keyspace, id, 'checkpoints')
  return {
    tables: {
      'user-heads': of('user-heads'),
      'user-chunks': of('user-chunks'),
      'user-ids': of('user-ids'),
      'item-statistics': of('item-statistics'),
      catalogue: of('catalogue'),
      profiles: of('profiles'),
    },
    checkpoint: `SELECT epoch, next FROM ${checkpoints} WHERE task = ? AND part = ?`,
    saveCheckpoint: `INSERT INTO ${checkpoints} (task, part, epoch, next) VALUES (?, ?, ?, ?) USING TIMESTAMP ?`,
  }
}
