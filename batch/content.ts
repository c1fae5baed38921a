import type { Item } from '#schemas/events/catalogue.ts'
import { ridgeRegression } from '#schemas/math/ridge.ts'
import { contentColumns, contentFeatures, type ContentSpace } from '#schemas/models/content-features.ts'
import { commonSpace } from '#schemas/models/embedding.ts'
import type { Model } from '#schemas/models/model.ts'
import { termCounts } from '#schemas/models/term-weights.ts'
import type { TrainingSettings } from '#schemas/models/training-settings.ts'
import type { FittedContent } from '#schemas/ports/model-registry.ts'

export type ContentSettings = Pick<TrainingSettings, 'contentLambda' | 'termExponent'>

/** Terms of fewer items are passed over. */
const fewestItems = 2

/**
 * The model with what a new item begins with: weights of terms, and a ridge regression of item factors on what items say of
 * themselves, both learnt from the items of the model that are in the catalogue. Without any such item there is no
 * regression, and every content vector is zero. Features are made
 * item by item, so that memory does not grow with them.
 */
export function withContent(
  model: Model,
  catalogue: ReadonlyMap<string, Item>,
  { contentLambda, termExponent }: ContentSettings,
): { readonly model: Model; readonly fitted: FittedContent } {
  const { k, itemIds, itemFactors } = model
  const described = Array.from(itemIds.keys()).filter((row) => catalogue.has(itemIds[row]!))
  const itemOf = (row: number) => catalogue.get(itemIds[row]!)!
  const counts = termCounts()
  for (const row of described) counts.add(itemOf(row))
  const contentSpace: ContentSpace = {
    termWeights: counts.weights({ exponent: termExponent, fewest: fewestItems }),
    embedding: commonSpace(described.map(itemOf)) ?? null,
  }
  const regression = ridgeRegression({ columns: contentColumns(contentSpace), k, lambda: contentLambda })
  for (const row of described) {
    regression.add(contentFeatures(itemOf(row), contentSpace), itemFactors.subarray(row * k, (row + 1) * k))
  }
  const items = regression.rows()
  const content = items === 0 ? new Float32Array(0) : regression.solve()
  return {
    model: { ...model, contentSpace, content },
    fitted: {
      items,
      terms: counts.distinct(fewestItems),
      ...(contentSpace.embedding !== null && { embedding: contentSpace.embedding }),
    },
  }
}
