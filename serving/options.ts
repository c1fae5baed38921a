import { defaultFoldSettings, type FoldSettings } from '#schemas/settings.ts'
import { defaultScoreWeights, type ScoreWeights } from '#schemas/models/ranker.ts'

export const rankings = ['learned', 'blend'] as const

export type Ranking = (typeof rankings)[number]

export interface ServingOptions {
  /** Those the rows are folded with. */
  readonly settings: FoldSettings
  /** Signs cursors: the same on every instance, at least 16 bytes. */
  readonly cursorKey: string
  /** Said in answers and impressions: which arm of an experiment this is. */
  readonly variant: string
  /** Of the fixed blend, which ranks where no ranker has been learned. */
  readonly weights: ScoreWeights
  /** `learned`: by the ranker of the model, where it has one. `blend`: by the fixed blend always. */
  readonly ranking: Ranking
  /** Share of the best score that an item loses for being just like one above it. */
  readonly diversity: number
  /** Temperature of the exploration noise as a share of the best score; 0 serves the best list always. */
  readonly exploration: number
  /** Items of one category in an answer at most, where enough others are left; 0 for no cap. */
  readonly maxPerCategory: number
  /** Recommendations under way at once before further ones are shed. */
  readonly maxConcurrent: number
  /** When a recommendation takes longer, fewer are let be under way at once. */
  readonly longestMs: number
  /** Reuse nothing between requests: no row, no vector. */
  readonly freshOnly: boolean
  readonly cachedRows: number
  /** Users whose last notice is remembered, some 100 bytes each: by it shared copies of rows are known to hold. 0: no copies are asked for. */
  readonly rememberedNotices: number
  /** User vectors kept, about 40 kB each at 64 factors. */
  readonly cachedVectors: number
  /** How long a read waits for the position it was asked to come after. */
  readonly afterWaitMs: number
  /** The first and every n-th search after it is repeated exactly, off the request path. */
  readonly recallEvery: number
  /** The least time between two bases for instances to come; `Infinity` writes none. */
  readonly baseEveryMs: number
  /** No base is written of fewer items: reading their rows takes no longer. */
  readonly baseFrom: number
}

/** Everything but the key. */
export const defaultServingOptions: Omit<ServingOptions, 'cursorKey'> = {
  settings: defaultFoldSettings,
  variant: 'default',
  weights: defaultScoreWeights,
  ranking: 'learned',
  diversity: 0.1,
  exploration: 0.02,
  maxPerCategory: 0,
  maxConcurrent: 256,
  longestMs: 500,
  freshOnly: false,
  cachedRows: 20_000,
  rememberedNotices: 0,
  cachedVectors: 1_000,
  afterWaitMs: 200,
  recallEvery: 200,
  baseEveryMs: 600_000,
  baseFrom: 20_000,
}
