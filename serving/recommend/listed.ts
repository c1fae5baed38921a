import type { RecommendedItem } from '#schemas/api/recommendations.ts'
import { rankerFeatures } from '#schemas/models/ranker.ts'

/** An item of an answer, and how likely the policy was to put it there. */
export interface Listed {
  readonly item: RecommendedItem
  /** Null where no policy drew it. */
  readonly propensity: number | null
  /** Features as the ranker is to learn from them; undefined where nothing was ranked. */
  readonly seen?: Readonly<Record<string, number>>
}

/** The features that are not 0. */
export function featuresOf(parts: Readonly<Record<string, number>>): Record<string, number> {
  const features: Record<string, number> = {}
  for (const name in parts) if (parts[name] !== 0) features[name] = parts[name]!
  return features
}

/** The same of a row with a column for each ranker feature, and then of what else there is. */
export function rowFeatures(row: Float64Array, more: Readonly<Record<string, number>>): Record<string, number> {
  const features: Record<string, number> = {}
  for (let column = 0; column < row.length; column++) {
    if (row[column] !== 0) features[rankerFeatures[column]!] = row[column]!
  }
  for (const name in more) if (more[name] !== 0) features[name] = more[name]!
  return features
}
