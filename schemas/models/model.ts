import type { FoldInModel, SparseRows } from '../ports/solver.ts'
import type { EmbeddingSpace } from './embedding.ts'
import type { ConfidenceShape } from './preference.ts'

/** A trained model: everything that answers need, frozen together. */
export interface Model extends FoldInModel, ConfidenceShape {
  readonly version: string
  readonly itemIds: readonly string[]
  /** items × k, row i is the factor of itemIds[i]. */
  readonly itemFactors: Float32Array
  /** items × items: what a fresh like of the item of a row adds to the scores of others. Undefined where none were fitted. */
  readonly neighbours?: SparseRows | undefined
  /** Training interactions of each item: below 50 its vector may be replaced by a streaming one. */
  readonly itemCounts: Uint32Array
  /** |U| at training, and XᵀX (k × k row-major) of the user factors: what folding in a new item needs. */
  readonly users: number
  readonly userGramian: Float64Array
  readonly contentSpace: ContentSpace
  /** Content features × k, row-major: a content vector is the features times this. Empty where none was fitted. */
  readonly content: Float32Array
  /** Profile features × k, row-major: what is expected of a user without a history (`profileVector`). Empty where none was fitted. */
  readonly profile: Float32Array
}

/** What a model knows of the terms and vectors that items describe themselves by. */
export interface ContentSpace {
  /** Weight of the terms of each hash (`termBuckets` of them), 0 for those to pass over; empty: all weigh 1. */
  readonly termWeights: Float32Array
  /** The space of items' own vectors that takes part; null for none. */
  readonly embedding: EmbeddingSpace | null
}

/** Precomputed lists, made at publishing: what is served when nothing better can be. */
export interface TopLists {
  readonly version: string
  /** Up to 100 item ids for each active user, best first. */
  readonly users: ReadonlyMap<string, readonly string[]>
  readonly categories: ReadonlyMap<string, readonly string[]>
}
