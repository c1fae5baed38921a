import { MillraceError } from '../errors.ts'
import type { Codec } from '../ports/codec.ts'
import type { RowGuard } from '../rows/guard.ts'
import { blankRow, tableNames, type RowKey, type RowOf, type TableName } from '../rows/tables.ts'
import type { FoldAt, FoldRows } from './rows.ts'

/** Rows in memory: what the batch job, the audit and tests fold into. */
export interface MapRows extends FoldRows {
  /** The row, undefined if it was never written. */
  get<T extends TableName>(table: T, key: string, part: number): Readonly<RowOf[T]> | undefined
  /** Takes a row as it stands, say from a store. */
  put<T extends TableName>(table: T, key: string, part: number, row: RowOf[T]): void
  /** Every row of a table, in the order of their first writes. */
  entries<T extends TableName>(table: T): Iterable<MapRow<T>>
  /** Every row of every table as a store would hold it. */
  encoded(codec: Codec): Iterable<EncodedRow>
}

export interface EncodedRow {
  readonly key: RowKey
  readonly epoch: number
  readonly offset: number
  readonly bytes: Uint8Array
}

export interface MapRow<T extends TableName> extends RowKey<T> {
  readonly row: Readonly<RowOf[T]>
}

export interface MapRowsOptions {
  /** Tables that are kept; changes of others cost next to nothing and are forgotten. Default all. */
  readonly tables?: readonly TableName[]
}

/**
 * The straight fold: a row is changed if it is below the event, or was changed by this very event before. Events are told
 * apart by their `at` object: each event has its own, and passes it along. Throws `log-went-back` on a row of another
 * partition or epoch than the event's.
 */
export function mapRows(options: MapRowsOptions = {}): MapRows {
  const kept = new Set(options.tables ?? tableNames)
  const tables = emptyTables()
  let event: FoldAt | undefined
  const changedByEvent = new Set<RowGuard>()

  function get<T extends TableName>(table: T, key: string, part: number): RowOf[T] | undefined {
    return tables[table].get(key)?.get(part)
  }

  function put<T extends TableName>(table: T, key: string, part: number, row: RowOf[T]): void {
    const parts = tables[table].get(key)
    if (parts === undefined) tables[table].set(key, new Map([[part, row]]))
    else parts.set(part, row)
  }

  function* entries<T extends TableName>(table: T): Generator<MapRow<T>> {
    for (const [key, parts] of tables[table]) {
      for (const [part, row] of parts) yield { table, key, part, row }
    }
  }

  return {
    get,
    put,
    peek: (table, key, part) => get(table, key, part) ?? blankRow[table](),
    change(table, key, part, at, mutate) {
      if (!kept.has(table)) return
      if (at !== event) {
        event = at
        changedByEvent.clear()
      }
      const known = get(table, key, part)
      const row = known ?? blankRow[table]()
      refuseOtherLog(row, { table, key, part }, at)
      if (row.offset >= at.offset && !changedByEvent.has(row)) return
      if (known === undefined) put(table, key, part, row)
      changedByEvent.add(row)
      row.epoch = at.epoch
      row.partition = at.partition
      row.offset = at.offset
      mutate(row)
    },
    announce(table, key, part, at) {
      const row = get(table, key, part)
      if (row !== undefined) refuseOtherLog(row, { table, key, part }, at)
    },
    entries,
    *encoded(codec) {
      for (const table of tableNames) {
        for (const { key, part, row } of entries(table)) {
          const bytes = codec.encodeRow(table, row)
          yield { key: { table, key, part }, epoch: row.epoch, offset: row.offset, bytes }
        }
      }
    },
  }
}

type Tables = { readonly [T in TableName]: Map<string, Map<number, RowOf[T]>> }

function emptyTables(): Tables {
  return {
    'user-heads': new Map(),
    'user-chunks': new Map(),
    'user-ids': new Map(),
    'item-statistics': new Map(),
    catalogue: new Map(),
    profiles: new Map(),
  }
}

function refuseOtherLog(row: RowGuard, key: RowKey, at: FoldAt): void {
  if (row.offset === -1 || (row.epoch === at.epoch && row.partition === at.partition)) return
  throw new MillraceError('log-went-back', `row ${key.table}/${key.key}/${key.part} was folded from another log`, {
    facts: { ...key, row: { epoch: row.epoch, partition: row.partition, offset: row.offset }, at },
  })
}
