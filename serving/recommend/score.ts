import type { Items } from '../read-model/items.ts'
import type { ServedModel } from '../read-model/served-model.ts'
import type { Candidates } from './scratch.ts'
import type { Taste } from './taste.ts'

export interface ScoreWeights {
  /** What was consumed together with recent items; in [0, 1]. */
  readonly coView: number
  /** Likeness to recent items by what they say of themselves; in [0, 1]. */
  readonly content: number
  /** Popularity of the last days beside the leader's; in [0, 1]. */
  readonly trending: number
  /** Share of the user's liking that lies in the item's categories; in [0, 1]. */
  readonly affinity: number
  /** 1 for an item outside the model that came within two weeks. */
  readonly new: number
}

export const defaultScoreWeights: ScoreWeights = {
  coView: 0.15,
  content: 0.05,
  trending: 0.05,
  affinity: 0.03,
  new: 0.02,
}

/** The addends of a score. */
export interface ScoreParts {
  readonly factorScore: number
  readonly coView: number
  readonly content: number
  readonly trending: number
  readonly affinity: number
  readonly new: number
}

export interface Scoring {
  readonly candidates: Candidates
  readonly taste: Taste
  readonly model: ServedModel | undefined
  readonly items: Items
  readonly weights: ScoreWeights
}

/**
 * The linear score of a candidate, by its addends:
 *
 *     score = x·y + w_coView·coView + w_content·content + w_trending·trending + w_affinity·affinity + w_new·new
 *
 * x·y is 0 for an item without a vector, and where the user has none. It is computed here and not taken from the search:
 * an index may answer with a vector that has moved a little since, and the contributions are to sum to this.
 */
export function scorer({ candidates, taste, model, items, weights }: Scoring): (row: number) => ScoreParts {
  const query = taste.folded?.vector
  const shares = new Float64Array(items.categoryNames.length)
  for (const [category, share] of taste.affinities) {
    const id = items.categoryId(category)
    if (id !== undefined) shares[id] = share
  }

  return (row) => {
    const slot = candidates.slots[row]!
    return {
      factorScore: model === undefined || query === undefined ? 0 : model.vectors.product(query, slot),
      coView: weights.coView * candidates.coViews[row]!,
      content: weights.content * candidates.contents[row]!,
      trending: weights.trending * items.trending.popularity(slot),
      affinity: weights.affinity * affinity(items.categoryIdsOf(slot), shares),
      new: candidates.isNew[row] ? weights.new : 0,
    }
  }
}

export function total(parts: ScoreParts): number {
  return parts.factorScore + parts.coView + parts.content + parts.trending + parts.affinity + parts.new
}

function affinity(categories: readonly number[], shares: Float64Array): number {
  let sum = 0
  for (let i = 0; i < categories.length; i++) sum += shares[categories[i]!]!
  return sum
}
