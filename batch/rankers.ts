import { topK } from '#schemas/math/top-k.ts'
import { foldInUser } from '#schemas/models/fold-in.ts'
import type { Model } from '#schemas/models/model.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { TestUser } from './evaluation-set.ts'
import type { TrainingSet } from './training-set.ts'
import { withReach } from './with-reach.ts'

/** Ranks the items of a training set for one of its users: columns, best first, without what the user has seen. */
export type Ranker = (user: TestUser, k: number) => Uint32Array

/**
 * The model as serving uses it: the user is folded in from the training history, then every unseen item is scanned.
 * Items of the training set that the model does not know are never ranked; neither are items that only the model knows.
 */
export function modelRanker(solver: Pick<Solver, 'foldIn' | 'scanTopK'>, model: Model, train: TrainingSet): Ranker {
  const { k } = model
  const known = new Map(model.itemIds.map((itemId, row) => [itemId, row]))
  const vectors = new Float32Array(train.itemIds.length * k)
  const unknown = new Uint8Array(train.itemIds.length)
  for (const [column, itemId] of train.itemIds.entries()) {
    const row = known.get(itemId)
    if (row === undefined) unknown[column] = 1
    else vectors.set(model.itemFactors.subarray(row * k, (row + 1) * k), column * k)
  }
  const scanned = withReach(vectors, k)
  const columns = new Map(train.itemIds.map((itemId, column) => [itemId, column]))
  const vectorOf = (itemId: string) => {
    const column = columns.get(itemId)
    if (column === undefined || unknown[column] === 1) return undefined
    return vectors.subarray(column * k, (column + 1) * k)
  }
  return (user, count) => {
    const { vector } = foldInUser({ solver, model, preferences: preferencesOf(train, user.row), vectorOf })
    const skip = unknown.slice()
    for (const column of user.seen) skip[column] = 1
    return solver.scanTopK(vector, scanned.vectors, train.itemIds.length, count, skip, scanned.reach).rows
  }
}

/** The most interacted-with items of the training part, the same for everybody but for what each has seen. */
export function popularityRanker({ byItem }: TrainingSet): Ranker {
  const counts = Float32Array.from(
    { length: byItem.rows },
    (_, item) => byItem.starts[item + 1]! - byItem.starts[item]!,
  )
  const byCount = topK(counts, counts.length, counts.length)
  return ({ seen }, count) => {
    const skip = new Set(seen)
    const ranked: number[] = []
    for (let i = 0; i < byCount.length && ranked.length < count; i++) {
      if (!skip.has(byCount[i]!)) ranked.push(byCount[i]!)
    }
    return Uint32Array.from(ranked)
  }
}

/** The signed weights of a user of the training set by item id. */
export function preferencesOf({ byUser, itemIds }: TrainingSet, row: number): Map<string, number> {
  const preferences = new Map<string, number>()
  for (let entry = byUser.starts[row]!; entry < byUser.starts[row + 1]!; entry++) {
    preferences.set(itemIds[byUser.indices[entry]!]!, byUser.values[entry]!)
  }
  return preferences
}
