import type { Position } from '../position.ts'
import type { TopicName } from '../topics.ts'
import type { ErrorCode } from '../errors.ts'

/** "This row changed": whoever holds a copy reads it again. At least once, possibly out of date, never early. */
export interface Notice {
  readonly type: 'notice'
  /** The user or the item. */
  readonly key: string
  readonly row: 'user' | 'profile' | 'statistics' | 'catalogue'
  readonly position: Position
  /** Acceptance time of the newest event in the row: freshness is measured from here. */
  readonly acceptedAt: number
}

/** A streaming vector of an item with few training interactions. */
export interface ItemVector {
  readonly type: 'item-vector'
  readonly itemId: string
  readonly modelVersion: string
  readonly madeFrom: 'content' | 'fold-in'
  readonly vector: Float32Array
  readonly positions: readonly Position[]
}

export interface ImpressionSlot {
  readonly itemId: string
  readonly score: number
  readonly source: string
  /** Probability of this item in this slot given the slots before it; null where no policy drew it. */
  readonly propensity: number | null
  /**
   * Of a drawn list the features the ranker learns from, before any weight: `rankerFeatures`, `known` and `position`; those
   * that are 0 are left out.
   */
  readonly features: Readonly<Record<string, number>>
}

/** How a list came about. */
export const policies = {
  /** Drawn slot by slot from what the user's row, the items and the model gave. */
  drawn: 'mmr-gumbel',
  /** The same under filters, on a later page, or for what the log does not say of the user. */
  drawnOtherwise: 'mmr-gumbel-limited',
  /** Given, such as what trends: nothing was drawn. */
  list: 'list',
} as const

/** What a user was shown. */
export interface Impression {
  readonly type: 'impression'
  readonly requestId: string
  readonly userId: string
  readonly shownAt: number
  readonly generation: string
  readonly modelVersion: string
  readonly variant: string
  /** One of `policies`. */
  readonly policy: string
  readonly userPosition: Position | null
  readonly slots: readonly ImpressionSlot[]
}

/**
 * What the lists of one partition of users have taught the ranker of a model since its refit. A cache: each list is learned
 * at least once or, across a restart, not at all; the next refit makes good either.
 */
export interface LearnedRanker {
  readonly type: 'learned-ranker'
  readonly modelVersion: string
  readonly partition: number
  /** Learned since the refit. */
  readonly examples: number
  /** State of the learner (`FtrlState`), which began with that of the refit. */
  readonly z: readonly number[]
  readonly n: readonly number[]
  readonly at: number
}

/** The life of models and generations, one total order. The first `claimed` of an open claim wins. */
export type ModelEvent =
  | {
      readonly type: 'claimed'
      readonly run: string
      readonly owner: string
      readonly at: number
      readonly until: number
    }
  | { readonly type: 'released'; readonly run: string; readonly reason: string; readonly at: number }
  | { readonly type: 'published'; readonly run: string; readonly version: string; readonly at: number }
  | {
      readonly type: 'ready'
      readonly version: string
      readonly generation: string
      readonly positions: readonly Position[]
      readonly at: number
    }
  | {
      readonly type: 'switched'
      readonly version: string
      readonly generation: string
      readonly at: number
      readonly reason: string
    }
  | { readonly type: 'retired'; readonly version: string; readonly generation: string; readonly at: number }
  | ({ readonly type: 'base' } & AnnouncedBase)

/** A base in the blob store: what a new serving instance begins with instead of making it anew. */
export interface AnnouncedBase {
  readonly of: 'items' | 'graph'
  /** The rows generation an item base was made from; the model version of a graph. */
  readonly name: string
  /** Digest of its manifest. */
  readonly blob: string
  readonly at: number
}

/** A record that could not be read or folded. Its identity is (topic, partition, offset). */
export interface DeadLetter {
  readonly type: 'dead-letter'
  readonly topic: TopicName
  readonly position: Position
  readonly key: string
  readonly code: ErrorCode
  readonly message: string
  readonly at: number
  readonly bytes: Uint8Array
}
