import type { Item } from '#schemas/events/catalogue.ts'
import { ridgeRegression } from '#schemas/math/ridge.ts'
import { contentColumns, contentFeatures } from '#schemas/models/content-features.ts'
import type { EmbeddingSpace } from '#schemas/models/embedding.ts'
import type { ContentSpace, Model } from '#schemas/models/model.ts'
import { termCounts, type TermCounts } from '#schemas/models/term-weights.ts'

/** How content is weighed and smoothed. */
export interface ContentSettings {
  /** Exponent of the inverse document frequencies; 0: terms that count at all weigh alike. */
  readonly termExponent: number
  /** λ of the ridge regression. */
  readonly lambda: number
}

/** Rows of a model whose items are described, and how. */
export interface DescribedItems {
  readonly rows: readonly number[]
  readonly itemOf: (row: number) => Item
  readonly counts: TermCounts
  /** Terms of fewer items are passed over: a regression learns only noise of them. */
  readonly fewest: number
  readonly embedding: EmbeddingSpace | null
}

/** Reads every item once. */
export function describedItems(
  rows: readonly number[],
  itemOf: (row: number) => Item,
  embedding: EmbeddingSpace | null,
): DescribedItems {
  const counts = termCounts()
  for (const row of rows) counts.add(itemOf(row))
  return { rows, itemOf, counts, fewest: Math.min(5, Math.max(2, Math.floor(rows.length / 500))), embedding }
}

/**
 * Weights of terms, and the ridge regression of the items' factors on what they say of themselves. Features are made item
 * by item, so memory does not grow with them.
 */
export function fitContent(
  { k, itemFactors }: Pick<Model, 'k' | 'itemFactors'>,
  { rows, itemOf, counts, fewest, embedding }: DescribedItems,
  { termExponent, lambda }: ContentSettings,
): Pick<Model, 'contentSpace' | 'content'> {
  const contentSpace: ContentSpace = { termWeights: counts.weights({ exponent: termExponent, fewest }), embedding }
  const regression = ridgeRegression({ columns: contentColumns(contentSpace), k, lambda })
  for (const row of rows) {
    regression.add(contentFeatures(itemOf(row), contentSpace), itemFactors.subarray(row * k, (row + 1) * k))
  }
  return { contentSpace, content: regression.solve() }
}
