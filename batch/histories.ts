import type { Position } from '#schemas/position.ts'

/** The histories of all users in columns: entry e of user u lies in starts[u] ≤ e < starts[u + 1], oldest first. */
export interface Histories {
  readonly userIds: readonly string[]
  /** Source partition of each user. */
  readonly partitions: Uint16Array
  readonly itemIds: readonly string[]
  readonly actionNames: readonly string[]
  readonly starts: Uint32Array
  /** Index into `itemIds` of each entry. */
  readonly items: Uint32Array
  /** Index into `actionNames` of each entry. */
  readonly actions: Uint16Array
  /** NaN where the interaction had none. */
  readonly values: Float64Array
  /** Event time, epoch ms. */
  readonly times: Float64Array
  /** Offset, on the user's partition, of the event that brought the entry. */
  readonly offsets: Float64Array
  /** Next offset of every partition: everything below it is in here. */
  readonly positions: readonly Position[]
  /** Records that could not be read and that the live rows passed over too. */
  readonly unreadable: number
}
