import { blendWeights, columnOf, featureCount, weightsForUser, type ScoreWeights } from '#schemas/models/ranker.ts'
import type { Items } from '../read-model/items.ts'
import type { ServedModel } from '../read-model/served-model.ts'
import type { Candidates } from './scratch.ts'
import type { Taste } from './taste.ts'

/** The weights for one user: of the learned ranker where there is one, else of the blend. */
export function userWeights(learned: Float64Array | undefined, blend: ScoreWeights, known: number): Float64Array {
  return learned === undefined ? blendWeights(blend) : weightsForUser(learned, known)
}

export interface Featuring {
  readonly candidates: Candidates
  readonly taste: Pick<Taste, 'folded' | 'affinities'>
  readonly model: Pick<ServedModel, 'vectors'> | undefined
  readonly items: Items
}

/**
 * What is known of the candidates in `rows`, row-major with `featureCount` columns, in `target` where it is long enough.
 * x·y is computed here and not taken from the search: an index may answer with a vector that has moved a little since, and
 * the contributions are to sum to it. It is 0 for an item without a vector, and where the user has none.
 */
export function featuresInto(
  target: Float64Array,
  { candidates, taste, model, items }: Featuring,
  rows: ArrayLike<number>,
): Float64Array {
  const features =
    target.length >= rows.length * featureCount ? target : new Float64Array(2 * rows.length * featureCount)
  const query = taste.folded?.vector
  const shares = new Float64Array(items.categoryNames.length)
  for (const [category, share] of taste.affinities) {
    const id = items.categoryId(category)
    if (id !== undefined) shares[id] = share
  }
  const { slots, coViews, contents, neighbours, factorPlaces, trendingPlaces, isNew } = candidates
  const { trending } = items
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!
    const slot = slots[row]!
    const at = i * featureCount
    features[at + columnOf.factorScore] =
      model === undefined || query === undefined ? 0 : model.vectors.product(query, slot)
    features[at + columnOf.factorPlace] = factorPlaces[row]!
    features[at + columnOf.neighbours] = neighbours[row]!
    features[at + columnOf.coView] = coViews[row]!
    features[at + columnOf.coViewRoot] = Math.sqrt(coViews[row]!)
    features[at + columnOf.content] = contents[row]!
    features[at + columnOf.trendingNow] = trending.popularityNow(slot)
    features[at + columnOf.trending] = trending.popularity(slot)
    features[at + columnOf.trendingPlace] = trendingPlaces[row]!
    features[at + columnOf.popularity] = trending.popularityOfAllTime(slot)
    features[at + columnOf.affinity] = affinity(items.categoryIdsOf(slot), shares)
    features[at + columnOf.new] = isNew[row]!
  }
  return features
}

/** Σ_j w_j f_j of the feature row that begins at `from`. */
export function scoreOf(features: Float64Array, from: number, weights: Float64Array): number {
  let sum = 0
  for (let j = 0; j < featureCount; j++) sum += weights[j]! * features[from + j]!
  return sum
}

function affinity(categories: readonly number[], shares: Float64Array): number {
  let sum = 0
  for (let i = 0; i < categories.length; i++) sum += shares[categories[i]!]!
  return sum
}
