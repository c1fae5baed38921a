import type { RowGuard } from './guard.ts'

/** Counts of one interaction type, decayed to the row's `time`; `total` is undecayed. */
export interface ActionCount {
  readonly action: string
  fast: number
  slow: number
  total: number
}

/** A SpaceSaving counter: the true count lies in [count - error, count]. */
export interface CoViewCounter {
  count: number
  error: number
}

export interface ItemUser {
  readonly userId: string
  weight: number
  /** Offset of the user's newest interaction counted here: at or below the user's last erase, the entry is void. */
  offset: number
}

/** What one source partition's users did with one item. Reading merges an item's partial rows in partition order. */
export interface ItemStatistics extends RowGuard {
  /** Time of the newest event, which the decayed counts are relative to. */
  time: number
  actions: ActionCount[]
  /** Items that the same user consumed just before this one. */
  coViews: Map<string, CoViewCounter>
  /** The last 64 distinct users, least recent first. */
  users: ItemUser[]
}

export function blankItemStatistics(): ItemStatistics {
  return { epoch: 0, partition: 0, offset: -1, time: 0, actions: [], coViews: new Map(), users: [] }
}
