import { topK } from '#schemas/math/top-k.ts'
import { multiplyRows } from '#schemas/math/vector.ts'
import { foldInUser } from '#schemas/models/fold-in.ts'
import type { Model } from '#schemas/models/model.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { KnownItems, TestUser } from './evaluation-set.ts'
import type { TrainingSet } from './training-set.ts'

/** Scores every column of a training set for a user of whom this is known; NaN for what it cannot rank. The array is the caller's. */
export type Scorer = (known: KnownItems) => Float32Array

/** Ranks the items that compete for a user: columns, best first, at most k; of equal scores the lower column first. */
export type Ranker = (user: TestUser, k: number) => Uint32Array

/** Ranks by scores: without what the user has seen, among the candidates where there are any. */
export function rankerOf(score: Scorer): Ranker {
  return ({ known, seen, candidates }, k) => {
    const scores = score(known)
    for (const column of seen) scores[column] = NaN
    if (candidates === undefined) return topK(scores, scores.length, k)
    const best = topK(
      Float32Array.from(candidates, (column) => scores[column]!),
      candidates.length,
      k,
    )
    return best.map((at) => candidates[at]!)
  }
}

/**
 * The model as serving uses it: the user is folded in from what is known, then every item is scored, and what neighbours
 * say is added. Items of the training set that the model does not know are never ranked; neither are items that only the
 * model knows.
 */
export function modelScorer(solver: Pick<Solver, 'foldIn'>, model: Model, train: TrainingSet): Scorer {
  const { k } = model
  const items = train.itemIds.length
  const rows = new Map(model.itemIds.map((itemId, row) => [itemId, row]))
  const vectors = new Float32Array(items * k)
  const unknown: number[] = []
  for (const [column, itemId] of train.itemIds.entries()) {
    const row = rows.get(itemId)
    if (row === undefined) unknown.push(column)
    else vectors.set(model.itemFactors.subarray(row * k, (row + 1) * k), column * k)
  }
  const columns = new Map(train.itemIds.map((itemId, column) => [itemId, column]))
  const vectorOf = (itemId: string) => {
    const column = columns.get(itemId)
    return column === undefined || !rows.has(itemId) ? undefined : vectors.subarray(column * k, (column + 1) * k)
  }
  const columnOf = Uint32Array.from(model.itemIds, (itemId) => columns.get(itemId) ?? unranked)
  const { neighbours } = model
  function addNeighbours(scores: Float32Array, column: number, liking: number): void {
    const row = rows.get(train.itemIds[column]!)
    if (neighbours === undefined || row === undefined || liking === 0) return
    const { starts, indices, values } = neighbours
    for (let at = starts[row]!; at < starts[row + 1]!; at++) {
      const other = columnOf[indices[at]!]!
      if (other !== unranked) scores[other]! += liking * values[at]!
    }
  }
  return (known) => {
    const { vector } = foldInUser({ solver, model, preferences: preferencesOf(train, known), vectorOf })
    const scores = new Float32Array(items)
    multiplyRows(scores, vectors, 0, items, Float64Array.from(vector))
    for (const [i, column] of known.columns.entries()) addNeighbours(scores, column, known.likes[i]!)
    for (const column of unknown) scores[column] = NaN
    return scores
  }
}

const unranked = 0xffffffff

/** The number of users of the training part that have met an item: the same for everybody. */
export function popularityScorer({ byItem }: TrainingSet): Scorer {
  const users = Float32Array.from({ length: byItem.rows }, (_, item) => byItem.starts[item + 1]! - byItem.starts[item]!)
  return () => users.slice()
}

/** Known items by their ids. */
export function preferencesOf({ itemIds }: TrainingSet, { columns, weights }: KnownItems): Map<string, number> {
  return new Map(Array.from(columns, (column, i) => [itemIds[column]!, weights[i]!]))
}
