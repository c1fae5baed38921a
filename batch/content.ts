import type { Item } from '#schemas/events/catalogue.ts'
import { commonSpace } from '#schemas/models/embedding.ts'
import type { Model } from '#schemas/models/model.ts'
import type { FittedContent } from '#schemas/ports/model-registry.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import { chooseContentSettings } from './content-choice.ts'
import { contentProblem, describedItems, fitContent, type ContentSettings } from './content-fit.ts'
import type { TrainingSet } from './training-set.ts'

export interface ContentOptions {
  readonly solver: Pick<Solver, 'foldIn' | 'solveRidge'>
  readonly model: Model
  /** The set the model was fitted to. */
  readonly set: TrainingSet
  readonly catalogue: ReadonlyMap<string, Item>
  readonly seed: number
  /** Default: chosen by what foretells held-out items best. */
  readonly settings?: ContentSettings
}

/**
 * The model with what a new item begins with, learnt from the items of the model that are in the catalogue. Without any
 * such item there is no regression, and every content vector is zero.
 */
export async function withContent(
  options: ContentOptions,
): Promise<{ readonly model: Model; readonly fitted: FittedContent }> {
  const { solver, model, catalogue } = options
  const { itemIds } = model
  const rows = Array.from(itemIds.keys()).filter((row) => catalogue.has(itemIds[row]!))
  if (rows.length === 0) return { model, fitted: { items: 0, terms: 0 } }
  const itemOf = (row: number) => catalogue.get(itemIds[row]!)!
  const embedding = commonSpace(rows.map(itemOf)) ?? null
  const described = await describedItems(rows, itemOf, embedding)
  const settings = options.settings ?? (await chooseContentSettings({ ...options, described }))
  const problem = await contentProblem(model, described, settings.termExponent)
  return {
    model: { ...model, ...(await fitContent(solver, problem, settings.lambda)) },
    fitted: {
      items: rows.length,
      terms: described.counts.distinct(described.fewest),
      ...settings,
      ...(embedding !== null && { embedding }),
    },
  }
}
