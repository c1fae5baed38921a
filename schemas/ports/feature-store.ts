import type { Item, Profile } from '../events/catalogue.ts'
import type { Position } from '../position.ts'
import type { ItemStatistics } from '../rows/item-statistics.ts'
import type { HistoryEntry, UserHead } from '../rows/user-rows.ts'

/** A user as the rows know them. */
export interface UserFeatures {
  readonly head: Readonly<UserHead>
  /** The last 1,000 interactions that count, oldest first. */
  readonly history: readonly HistoryEntry[]
  /** Present when the row could not be read: this is an older copy, and `error` says why. */
  readonly stale?: { readonly error: unknown }
}

/**
 * What a reader has heard from notices, by which a copy of a user's row shows whether it still holds. Offsets of the
 * user's partition of `interactions`.
 */
export interface Heard {
  /** Nothing above it has been announced of this user: a copy as of here or later is as good as the row. Infinity: no copy is. */
  readonly user: number
  /** Highest announced of anyone in the partition. All heads up to it are in the rows: what is read from now on is as of here. */
  readonly partition: number
}

/** An item's statistics merged over source partitions, in partition order; void users are left out only where `erasedAt` is known to the store. */
export interface ItemFeatures {
  readonly itemId: string
  /** The item's partial rows, ascending by source partition. */
  readonly partial: readonly Readonly<ItemStatistics>[]
}

export interface CatalogueEntry {
  readonly itemId: string
  readonly item: Item
  readonly firstSeenAt: number
  readonly updatedAt: number
}

/** Rows as readers want them: decoded and joined. Reads are of what is in the StateStore, never ahead of it. */
export interface FeatureStore {
  /** Given what was heard, a copy may be answered that is no older than that; or, where the rows fail, one that says it is stale. */
  user(userId: string, heard?: Heard): Promise<UserFeatures | undefined>
  profile(userId: string): Promise<Profile | undefined>
  /** Undefined for an item that was never upserted or is deleted. */
  catalogueEntry(itemId: string): Promise<CatalogueEntry | undefined>
  itemFeatures(itemId: string): Promise<ItemFeatures>
  /** Every catalogue item that is not deleted. */
  catalogue(): AsyncIterable<readonly CatalogueEntry[]>
  /** Every item with statistics. */
  statistics(): AsyncIterable<readonly ItemFeatures[]>
  /** Every user with a head. */
  users(): AsyncIterable<readonly { readonly userId: string; readonly head: Readonly<UserHead> }[]>
  /** What the fold of `interactions` will read next of this partition: below it everything is in the rows. Undefined before the first. */
  foldedTo(partition: number): Promise<Position | undefined>
}
