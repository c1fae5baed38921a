import type { Item } from '#schemas/events/catalogue.ts'
import { ridgeRegression, type SparseRows } from '#schemas/math/ridge.ts'
import { contentDimension, contentFeatures, type ContentFeatures } from '#schemas/models/content-features.ts'
import type { Model } from '#schemas/models/model.ts'
import type { TrainingSettings } from '#schemas/models/training-settings.ts'

/**
 * The model with a projection from content features to item factors, fitted by ridge regression on the items that are in
 * the catalogue: what a new item begins with. Without any such item it is zero, and so is every content vector.
 */
export function withContent(
  model: Model,
  catalogue: ReadonlyMap<string, Item>,
  settings: Pick<TrainingSettings, 'contentLambda' | 'contentSteps'>,
): Model {
  const { k } = model
  const described = Array.from(model.itemIds.keys()).filter((row) => catalogue.has(model.itemIds[row]!))
  if (described.length === 0) return { ...model, content: new Float32Array(contentDimension * k) }
  const targets = new Float32Array(described.length * k)
  for (const [i, row] of described.entries()) targets.set(model.itemFactors.subarray(row * k, (row + 1) * k), i * k)
  const content = ridgeRegression({
    features: sparseRows(described.map((row) => contentFeatures(catalogue.get(model.itemIds[row]!)!))),
    targets: { rows: described.length, k, data: targets },
    lambda: settings.contentLambda,
    maxSteps: settings.contentSteps,
  })
  return { ...model, content }
}

function sparseRows(rows: readonly ContentFeatures[]): SparseRows {
  const entries = rows.reduce((sum, { indices }) => sum + indices.length, 0)
  const starts = new Uint32Array(rows.length + 1)
  const indices = new Uint32Array(entries)
  const values = new Float32Array(entries)
  for (const [row, features] of rows.entries()) {
    indices.set(features.indices, starts[row])
    values.set(features.values, starts[row])
    starts[row + 1] = starts[row]! + features.indices.length
  }
  return { rows: rows.length, columns: contentDimension, starts, indices, values }
}
