import { MillraceError } from '#schemas/errors.ts'
import type { FoldAt } from '#schemas/fold/rows.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { RowWrite } from '#schemas/ports/state-store.ts'
import { blankRow, type RowKey, type RowOf, type TableName } from '#schemas/rows/tables.ts'

interface CachedRow<T extends TableName> {
  readonly key: string
  readonly part: number
  readonly row: RowOf[T]
  bytes: number
  /** Offset of the event of this batch that changed it last; -1 when clean. */
  changedBy: number
}

export interface RowCacheOptions<T extends TableName> {
  readonly table: T
  readonly codec: Codec
  readonly epoch: number
  readonly partition: number
  /** Encoded size of the rows kept between batches, bytes. */
  readonly budget: number
}

/** One table's rows of one partition in memory. Absence is cached too, as a blank row. */
export interface RowCache<T extends TableName> {
  /** True when the row is here; it then counts as used. */
  touch(key: RowKey): boolean
  /** Takes a row as read from the store, undefined for none; returns its offset. */
  put(key: RowKey, bytes: Uint8Array | undefined): number
  peek(key: string, part: number): RowOf[T]
  /** Applies the guard, then `mutate`; returns the row's offset afterwards. */
  change(key: string, part: number, at: FoldAt, mutate: (row: RowOf[T]) => void): number
  /** The changed rows as writes, encoded as they are taken; each is clean afterwards. */
  take(): Iterable<RowWrite>
  drop(): void
  /** Forgets the least recently used rows beyond the budget. */
  trim(): void
}

export function rowCache<T extends TableName>(options: RowCacheOptions<T>): RowCache<T> {
  const { table, codec, epoch, partition } = options
  const rows = new Map<string, CachedRow<T>>()
  const changed = new Set<CachedRow<T>>()
  let size = 0

  function cached(key: string, part: number): CachedRow<T> {
    const found = rows.get(nameOf(key, part))
    if (found !== undefined) return found
    const facts = { table, key, part }
    throw new MillraceError('broken-invariant', `row ${table} ${key} ${part} is folded but was not read`, { facts })
  }

  return {
    touch({ key, part }) {
      const name = nameOf(key, part)
      const known = rows.get(name)
      if (known === undefined) return false
      rows.delete(name)
      rows.set(name, known)
      return true
    },

    put({ key, part }, bytes) {
      const row = bytes === undefined ? blankRow[table]() : codec.decodeRow(table, bytes)
      if (row.offset !== -1 && (row.epoch !== epoch || row.partition !== partition)) {
        const facts = {
          table,
          key,
          part,
          row: { epoch: row.epoch, partition: row.partition },
          task: { epoch, partition },
        }
        throw new MillraceError('log-went-back', `row ${table} ${key} is of another partition or epoch`, { facts })
      }
      rows.set(nameOf(key, part), { key, part, row, bytes: bytes?.length ?? 0, changedBy: -1 })
      size += bytes?.length ?? 0
      return row.offset
    },

    peek: (key, part) => cached(key, part).row,

    change(key, part, at, mutate) {
      const entry = cached(key, part)
      const { row } = entry
      if (row.offset < at.offset || entry.changedBy === at.offset) {
        mutate(row)
        row.epoch = at.epoch
        row.partition = at.partition
        row.offset = at.offset
        entry.changedBy = at.offset
        changed.add(entry)
      }
      return row.offset
    },

    *take() {
      for (const entry of changed) {
        const bytes = codec.encodeRow(table, entry.row)
        size += bytes.length - entry.bytes
        entry.bytes = bytes.length
        entry.changedBy = -1
        changed.delete(entry)
        yield { table, key: entry.key, part: entry.part, epoch, offset: entry.row.offset, bytes }
      }
    },

    drop() {
      rows.clear()
      size = 0
    },

    trim() {
      for (const [name, entry] of rows) {
        if (size <= options.budget) return
        rows.delete(name)
        size -= entry.bytes
      }
    },
  }
}

function nameOf(key: string, part: number): string {
  return `${part} ${key}`
}
