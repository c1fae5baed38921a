/** Where a write stands in the order of the log: the higher one is in force, whichever came first. */
interface Placed {
  readonly epoch: number
  readonly offset: number
}

/** Something a user did, for people. One row for each (user, timestamp, event id). */
export interface ReadableInteraction extends Placed {
  readonly userId: string
  readonly eventId: string
  readonly itemId: string
  readonly type: string
  /** Epoch ms. */
  readonly timestamp: number
  readonly context: Readonly<Record<string, string>> | null
}

/** Everything a user did below this position goes, and stays away. */
export interface ReadableErasure extends Placed {
  readonly userId: string
}

/** The features of one origin: each name is `scope.name`. */
export interface ReadableFeatures extends Placed {
  readonly of: 'user' | 'item'
  /** The user or the item. */
  readonly key: string
  readonly scope: 'activity' | 'profile' | 'catalogue' | 'statistics'
  /** By name without the scope. */
  readonly values: Readonly<Record<string, string>>
  /** Also removes features of this scope that are not among the values. */
  readonly replaces: boolean
  /** Epoch ms. */
  readonly updatedAt: number
}

/**
 * Tables for people and their tools: what users did, and what is known of users and items. They may lag behind the rows.
 * Everything may be written again and in any order: writes are told apart by their positions, and of two under one
 * position either is in force. Each call resolves when all is in force; rejects with `store-failed` or `store-full`, and may
 * then have been taken in part.
 */
export interface ReadableTables {
  putInteractions(rows: readonly ReadableInteraction[]): Promise<void>
  putFeatures(writes: readonly ReadableFeatures[]): Promise<void>
  /** Removes interactions and the features of scope `activity`. */
  erase(users: readonly ReadableErasure[]): Promise<void>
}
