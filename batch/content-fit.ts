import { setImmediate } from 'node:timers/promises'
import type { Item } from '#schemas/events/catalogue.ts'
import { growingRows } from '#schemas/math/sparse-rows.ts'
import { contentColumns, contentFeatures } from '#schemas/models/content-features.ts'
import type { EmbeddingSpace } from '#schemas/models/embedding.ts'
import type { ContentSpace, Model } from '#schemas/models/model.ts'
import { termCounts, type TermCounts } from '#schemas/models/term-weights.ts'
import type { Factors, Solver, SparseRows } from '#schemas/ports/solver.ts'

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

/** Reads every item once; the event loop gets its turn meanwhile. */
export async function describedItems(
  rows: readonly number[],
  itemOf: (row: number) => Item,
  embedding: EmbeddingSpace | null,
): Promise<DescribedItems> {
  const counts = termCounts()
  for (const [done, row] of rows.entries()) {
    if (done % itemsAtOnce === 0) await setImmediate()
    counts.add(itemOf(row))
  }
  return { rows, itemOf, counts, fewest: Math.min(5, Math.max(2, Math.floor(rows.length / 500))), embedding }
}

/** Factors of described items to be regressed on what the items say of themselves. */
export interface ContentProblem {
  readonly contentSpace: ContentSpace
  readonly features: SparseRows
  readonly targets: Factors
}

/** All features are in memory at once: 8 bytes a term. The event loop gets its turn meanwhile. */
export async function contentProblem(
  { k, itemFactors }: Pick<Model, 'k' | 'itemFactors'>,
  { rows, itemOf, counts, fewest, embedding }: DescribedItems,
  termExponent: number,
): Promise<ContentProblem> {
  const contentSpace: ContentSpace = { termWeights: counts.weights({ exponent: termExponent, fewest }), embedding }
  const features = growingRows(contentColumns(contentSpace))
  const data = new Float32Array(rows.length * k)
  for (const [at, row] of rows.entries()) {
    if (at % itemsAtOnce === 0) await setImmediate()
    features.add(contentFeatures(itemOf(row), contentSpace))
    data.set(itemFactors.subarray(row * k, (row + 1) * k), at * k)
  }
  return { contentSpace, features: features.rows(), targets: { rows: rows.length, k, data } }
}

export async function fitContent(
  solver: Pick<Solver, 'solveRidge'>,
  { contentSpace, ...problem }: ContentProblem,
  lambda: number,
): Promise<Pick<Model, 'contentSpace' | 'content'>> {
  return { contentSpace, content: await solver.solveRidge({ ...problem, lambda }) }
}

/** Items of a hundred terms take some 10 ms. */
const itemsAtOnce = 64
