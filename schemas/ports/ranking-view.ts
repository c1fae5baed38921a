import type { InteractionsEvent } from '../events/interactions.ts'
import type { FoldAt } from '../fold/rows.ts'
import type { Model } from '../models/model.ts'
import type { CatalogueEntry } from './feature-store.ts'

/** What serving would have to choose from for a user at one moment. Valid until the view is asked or told again. */
export interface ViewedCandidates {
  readonly count: number
  /** How well the user is known (`knownShare`). */
  readonly known: number
  itemId(row: number): string
  /** Row of an item, undefined where it is no candidate. */
  rowOf(itemId: string): number | undefined
  /** `featureCount` values of each row, row-major. */
  readonly features: Float64Array
}

/**
 * Serving's candidates and their features as of a moment of the past: the same reducers, the same read model, the same
 * code, told the events up to there and no further.
 */
export interface RankingView {
  /** Folds an event. They come in the order in which they were accepted. */
  apply(event: InteractionsEvent, at: FoldAt): void
  /** Undefined for a user without a history. `now`: when the list is made, epoch ms. */
  candidates(userId: string, now: number): ViewedCandidates | undefined
  close(): Promise<void>
}

export type OpenRankingView = (options: {
  readonly model: Model
  readonly catalogue: readonly CatalogueEntry[]
}) => Promise<RankingView>
