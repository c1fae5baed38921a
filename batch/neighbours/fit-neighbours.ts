import { setImmediate } from 'node:timers/promises'
import { inTurns, type InPieces } from '#schemas/in-pieces.ts'
import { factorCholesky, solveCholesky } from '#schemas/math/cholesky.ts'
import { transposed } from '#schemas/math/transposed.ts'
import type { FitSettings } from '#schemas/models/training-settings.ts'
import type { SparseRows } from '#schemas/ports/solver.ts'
import { strongest } from './strongest.ts'
import { nearestItems } from './nearest-items.ts'
import { normalEquations } from './normal-equations.ts'

/** Neighbours of an item, likes of a user that count, and likes of an item's neighbours beyond which a sample of users decides. */
const most = { neighbours: 50, likes: 100, likesOfNeighbours: 10_000 }

const itemsOfPiece = 16

/**
 * How much a like of one item says for another, beside the factors: each item is regressed on the likes of its nearest
 * neighbours (SLIM of Ning and Karypis 2011 over a neighbourhood, as its fsSLIM, with the ridge that Steck 2019 solves
 * in closed form),
 *
 *     argmin_w  |x_j − Σ_n w_n x_n|² + λ |w|²,   x_i the likes of item i by user.
 *
 * Row i of the answer says, times `neighbourShare`, what a like of item i adds to the scores of others. `likes`: of users, 1 for
 * a fresh one, less for older ones, 0 for none. Undefined where the share is 0. Gives way to others on its thread.
 */
export async function fitNeighbours(
  likes: SparseRows,
  { neighbourShare, neighbourLambda }: Pick<FitSettings, 'neighbourShare' | 'neighbourLambda'>,
): Promise<SparseRows | undefined> {
  if (neighbourShare === 0) return undefined
  const byUser = strongest(likes, most.likes)
  const byItem = transposed(byUser)
  const nearest = await inTurns(nearestItems(byUser, byItem, most.neighbours), setImmediate)
  const weights = await inTurns(regressed(byItem, nearest, neighbourLambda), setImmediate)
  const { rows, columns, starts, indices, values } = transposed(weights)
  const scaled = values.map((weight) => neighbourShare * weight)
  return { rows, columns, starts: starts.slice(), indices: indices.slice(), values: scaled }
}

/** Row j: the weights of the neighbours of item j. */
function* regressed(byItem: SparseRows, nearest: readonly Uint32Array[], lambda: number): InPieces<SparseRows> {
  const rows = nearest.length
  const starts = new Uint32Array(rows + 1)
  for (const [item, neighbours] of nearest.entries()) starts[item + 1] = starts[item]! + neighbours.length
  const indices = new Uint32Array(starts[rows]!)
  const values = new Float32Array(starts[rows]!)
  const equationsOf = normalEquations(byItem, most.neighbours, most.likesOfNeighbours)
  for (const [item, neighbours] of nearest.entries()) {
    const n = neighbours.length
    const { matrix, target } = equationsOf(neighbours, item)
    for (let i = 0; i < n; i++) matrix[i * n + i]! += lambda
    factorCholesky(matrix, n)
    solveCholesky(matrix, n, target)
    indices.set(neighbours, starts[item])
    values.set(target, starts[item])
    if (item % itemsOfPiece === itemsOfPiece - 1) yield
  }
  return { rows, columns: rows, starts, indices, values }
}
