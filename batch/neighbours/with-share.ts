import type { Model } from '#schemas/models/model.ts'

/** A model fitted with `neighbourShare` 1 as it would be with another. */
export function withShare(model: Model, neighbourShare: number): Model {
  const { neighbours } = model
  if (neighbours === undefined || neighbourShare === 0) return { ...model, neighbours: undefined }
  return { ...model, neighbours: { ...neighbours, values: neighbours.values.map((value) => neighbourShare * value) } }
}
