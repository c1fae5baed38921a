import type { CatalogueRow, ProfileRow } from './catalogue-rows.ts'
import type { ItemStatistics } from './item-statistics.ts'
import type { UserChunk, UserHead, UserIds } from './user-rows.ts'
import { blankCatalogueRow, blankProfileRow } from './catalogue-rows.ts'
import { blankItemStatistics } from './item-statistics.ts'
import { blankUserChunk, blankUserHead, blankUserIds } from './user-rows.ts'

export interface RowOf {
  readonly 'user-heads': UserHead
  readonly 'user-chunks': UserChunk
  readonly 'user-ids': UserIds
  readonly 'item-statistics': ItemStatistics
  readonly catalogue: CatalogueRow
  readonly profiles: ProfileRow
}

export type TableName = keyof RowOf

/**
 * A row is named by its key (user or item) and a small integer: the chunk's place in the ring, the day of an id row,
 * the source partition of item statistics; 0 elsewhere. All parts of a key can be read together.
 */
export interface RowKey<T extends TableName = TableName> {
  readonly table: T
  readonly key: string
  readonly part: number
}

/** Rows as they are before their first event. */
export const blankRow: { readonly [T in TableName]: () => RowOf[T] } = {
  'user-heads': blankUserHead,
  'user-chunks': blankUserChunk,
  'user-ids': blankUserIds,
  'item-statistics': blankItemStatistics,
  catalogue: blankCatalogueRow,
  profiles: blankProfileRow,
}

export const tableNames = Object.keys(blankRow) as readonly TableName[]
