import { factorCholesky, solveCholesky } from '#schemas/math/cholesky.ts'
import type { Scorer } from './rankers.ts'
import type { TrainingSet } from './training-set.ts'

export const easeDefaults = { lambda: 100 } as const

/** It inverts a dense matrix of items × items: with more items than this, in plain TypeScript, nobody would wait for it. */
export const easeMostItems = 1_500

/**
 * EASE (Steck 2019, "Embarrassingly shallow autoencoders for sparse data", equations 8 and 9): with X the likes of the
 * training part as ones,
 *
 *     P = (XᵀX + λI)⁻¹,   B_ij = −P_ij / P_jj off the diagonal, 0 on it;   scores of a user are x B.
 */
export function easeScorer(train: TrainingSet, { lambda }: { readonly lambda: number } = easeDefaults): Scorer {
  const n = train.itemIds.length
  const weights = itemWeights(train, lambda)
  return (known) => {
    const scores = new Float32Array(n)
    for (const [i, column] of known.columns.entries()) {
      if (known.weights[i]! <= 0) continue
      for (let j = 0; j < n; j++) scores[j]! += weights[column * n + j]!
    }
    return scores
  }
}

/** B, n × n row-major. */
function itemWeights({ byUser, itemIds }: TrainingSet, lambda: number): Float32Array {
  const n = itemIds.length
  const gram = new Float64Array(n * n)
  for (let item = 0; item < n; item++) gram[item * n + item] = lambda
  for (let user = 0; user < byUser.rows; user++) {
    const liked = likedBy(byUser, user)
    for (const i of liked) for (const j of liked) gram[i * n + j]!++
  }
  factorCholesky(gram, n)
  const weights = new Float32Array(n * n)
  const column = new Float64Array(n)
  for (let j = 0; j < n; j++) {
    column.fill(0)
    column[j] = 1
    solveCholesky(gram, n, column)
    for (let i = 0; i < n; i++) weights[i * n + j] = i === j ? 0 : -column[i]! / column[j]!
  }
  return weights
}

function likedBy({ starts, indices, values }: TrainingSet['byUser'], user: number): Uint32Array {
  const [from, to] = [starts[user]!, starts[user + 1]!]
  return indices.subarray(from, to).filter((_, at) => values[from + at]! > 0)
}
