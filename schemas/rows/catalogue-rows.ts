import type { Item, Profile } from '../events/catalogue.ts'
import type { RowGuard } from './guard.ts'

/** An item as last upserted; null after its deletion. */
export interface CatalogueRow extends RowGuard {
  item: Item | null
  /** Acceptance time of the first upsert since the last deletion: how new the item is. */
  firstSeenAt: number
  updatedAt: number
  /** Highest sequence of each import: a second import changes nothing. */
  imports: { readonly source: string; sequence: number }[]
}

export interface ProfileRow extends RowGuard {
  profile: Profile | null
  updatedAt: number
}

export function blankCatalogueRow(): CatalogueRow {
  return { epoch: 0, partition: 0, offset: -1, item: null, firstSeenAt: 0, updatedAt: 0, imports: [] }
}

export function blankProfileRow(): ProfileRow {
  return { epoch: 0, partition: 0, offset: -1, profile: null, updatedAt: 0 }
}
