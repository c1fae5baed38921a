import type { FoldInModel, FoldInResult, Solver } from '../ports/solver.ts'
import type { Model } from './model.ts'

export interface FoldedUser extends FoldInResult {
  /** The items that counted: entry j is the history item of contribution j. */
  readonly itemIds: readonly string[]
}

/**
 * A user's vector under a model, from signed weights by item (`netPreferences`). `vectorOf` gives an item's vector
 * under this model (trained, streaming or content); items without one do not count.
 */
export function foldInUser(options: {
  readonly solver: Pick<Solver, 'foldIn'>
  readonly model: FoldInModel
  readonly preferences: ReadonlyMap<string, number>
  readonly vectorOf: (itemId: string) => Float32Array | undefined
}): FoldedUser {
  const { solver, model, preferences, vectorOf } = options
  const itemIds: string[] = []
  const vectors = new Float32Array(preferences.size * model.k)
  const values = new Float32Array(preferences.size)
  for (const [itemId, weight] of preferences) {
    const vector = vectorOf(itemId)
    if (vector === undefined || weight === 0) continue
    vectors.set(vector, itemIds.length * model.k)
    values[itemIds.length] = weight
    itemIds.push(itemId)
  }
  const result = solver.foldIn(model, vectors.subarray(0, itemIds.length * model.k), values.subarray(0, itemIds.length))
  return { ...result, itemIds }
}

/** The same model seen from the other side: what folding an item in over its users' vectors needs. */
export function itemFoldInModel(model: Model): FoldInModel {
  const { k, alpha0, lambda, nu, users, userGramian } = model
  return { k, alpha0, lambda, nu, items: users, gramian: userGramian }
}
