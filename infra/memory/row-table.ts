import type { RowWrite, StoredRow } from '#schemas/ports/state-store.ts'
import type { Position } from '#schemas/position.ts'
import type { TableName } from '#schemas/rows/tables.ts'

export interface RowTable {
  get(table: TableName, key: string, part: number): RowWrite | undefined
  /** Ascending by part. */
  parts(table: TableName, key: string): StoredRow[]
  /** Every key of a table in the order of its UTF-8 bytes, as of now. */
  keys(table: TableName): string[]
  /** Takes the row over, unless a row with a higher guard is there. */
  put(row: RowWrite): void
  readonly checkpoints: Map<string, Position>
}

/** Rows and checkpoints in maps: what outlives the owners of a memory store. */
export function rowTable(): RowTable {
  const tables = new Map<TableName, Map<string, Map<number, RowWrite>>>()
  return {
    get: (table, key, part) => tables.get(table)?.get(key)?.get(part),
    parts(table, key) {
      const parts = [...(tables.get(table)?.get(key)?.values() ?? [])]
      return parts.sort((a, b) => a.part - b.part).map(({ key, part, bytes }) => ({ key, part, bytes }))
    },
    keys: (table) => [...(tables.get(table)?.keys() ?? [])].sort(byUtf8),
    put(row) {
      const keys = entry(tables, row.table, () => new Map<string, Map<number, RowWrite>>())
      const parts = entry(keys, row.key, () => new Map<number, RowWrite>())
      const stored = parts.get(row.part)
      if (stored === undefined || compareGuards(row, stored) >= 0) parts.set(row.part, row)
    },
    checkpoints: new Map(),
  }
}

type Guard = Pick<RowWrite, 'epoch' | 'offset'>

/** Below 0 where `a` is older than `b`. */
export function compareGuards(a: Guard, b: Guard): number {
  return a.epoch - b.epoch || a.offset - b.offset
}

function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
