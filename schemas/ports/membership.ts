/** Who shares in the work on the partitions of the source topics. */
export interface Member {
  /** Resolves once this member has its first share. */
  readonly joined: Promise<void>
  /** Gives the share back; resolves when the last `onShare` has. */
  leave(): Promise<void>
  /** Resolves after `leave`; rejects with the failure that no rejoining can mend. */
  readonly ended: Promise<void>
}

export interface JoinOptions {
  /** Members of one group share; groups do not know of each other. */
  readonly group: string
  /**
   * Called with all partitions that are this member's from now on, ascending, whenever they change; empty when the share is lost.
   * The next call waits until this one has resolved.
   */
  readonly onShare: (partitions: readonly number[]) => Promise<void>
}

/**
 * Shares partitions among the members of a group. It saves work and promises nothing: a partition may have two owners or
 * none for a while, so whoever works on a partition must come to the same rows as anyone else who does.
 */
export interface Membership {
  join(options: JoinOptions): Member
}
