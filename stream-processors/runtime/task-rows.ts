import type { FoldRows } from '#schemas/fold/rows.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { RowWrite, StateStore } from '#schemas/ports/state-store.ts'
import type { RowKey, TableName } from '#schemas/rows/tables.ts'
import { rowCache, type RowCache } from './row-cache.ts'
import type { Slices } from './slices.ts'

/** A row that a batch changed, or found already holding one of its events. */
export interface Announcement {
  readonly key: string
  offset: number
  acceptedAt: number
}

export interface TaskRowsOptions {
  readonly store: StateStore
  readonly codec: Codec
  readonly epoch: number
  readonly partition: number
  /** Encoded size of the rows each table may keep between batches, bytes. */
  readonly cacheBytes: number
  readonly slices: Slices
}

/** One partition's rows in memory: read ahead of the fold, changed by it, handed on as writes. */
export interface TaskRows extends FoldRows {
  /** Reads what is not cached; says whether a row newly read is at or above `offset`. */
  load(keys: Iterable<RowKey>, offset: number): Promise<boolean>
  drop(tables: readonly TableName[]): void
  /** The changed rows of these tables, encoded as they are taken; each is clean afterwards. */
  take(tables: readonly TableName[]): Iterable<RowWrite>
  announcements(table: TableName): readonly Announcement[]
  /** Ends a batch: forgets its announcements, and rows beyond the budget. */
  settle(): void
}

export function taskRows(options: TaskRowsOptions): TaskRows {
  const { slices } = options
  const cacheOf = <T extends TableName>(table: T) => rowCache({ ...options, table, budget: options.cacheBytes })
  const caches: { readonly [T in TableName]: RowCache<T> } = {
    'user-heads': cacheOf('user-heads'),
    'user-chunks': cacheOf('user-chunks'),
    'user-ids': cacheOf('user-ids'),
    'item-statistics': cacheOf('item-statistics'),
    catalogue: cacheOf('catalogue'),
    profiles: cacheOf('profiles'),
  }
  const announced = new Map<TableName, Map<string, Announcement>>()

  function note(table: TableName, key: string, offset: number, acceptedAt: number): void {
    let ofTable = announced.get(table)
    if (ofTable === undefined) announced.set(table, (ofTable = new Map()))
    const known = ofTable.get(key)
    if (known === undefined) ofTable.set(key, { key, offset, acceptedAt })
    else {
      known.offset = Math.max(known.offset, offset)
      known.acceptedAt = Math.max(known.acceptedAt, acceptedAt)
    }
  }

  return {
    peek: (table, key, part) => caches[table].peek(key, part),
    change: (table, key, part, at, mutate) =>
      note(table, key, caches[table].change(key, part, at, mutate), at.acceptedAt),
    announce: (table, key, part, at) => note(table, key, caches[table].peek(key, part).offset, at.acceptedAt),
    announcements: (table) => [...(announced.get(table)?.values() ?? [])],
    *take(tables) {
      for (const table of tables) yield* caches[table].take()
    },

    async load(keys, offset) {
      const missing = new Map<string, RowKey>()
      for (const key of keys) if (!caches[key.table].touch(key)) missing.set(`${key.table} ${key.part} ${key.key}`, key)
      if (missing.size === 0) return false
      const wanted = [...missing.values()]
      const found = await options.store.read(wanted)
      let ahead = false
      for (const [i, key] of wanted.entries()) {
        if (slices.isOver()) await slices.next()
        if (caches[key.table].put(key, found[i]) >= offset) ahead = true
      }
      return ahead
    },

    drop(tables) {
      for (const table of tables) caches[table].drop()
    },

    settle() {
      announced.clear()
      for (const cache of Object.values(caches)) cache.trim()
    },
  }
}
