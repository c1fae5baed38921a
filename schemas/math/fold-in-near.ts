import type { FoldInModel } from '../ports/solver.ts'
import { factorCholesky, solveCholesky } from './cholesky.ts'
import { addOuterProducts } from './gramian.ts'
import { scaledLambda } from './regularisation.ts'
import { addRow } from './vector.ts'

/**
 * A fold-in that begins at `prior` instead of at zero, and leaves it as data come in:
 *
 *     argmin_x  Σ_j c_j (p_j − v_j·x)² + α0 Σ_all (v·x)² + λ |x|² + strength |x − prior|²
 *
 * Row j of `vectors` has confidence |values[j]| and preference values[j] > 0, as in `foldIn`. With strength 0 it is
 * `foldIn`; the larger it is, the more data it takes to move away.
 */
export function foldInNear(options: {
  readonly model: FoldInModel
  readonly vectors: Float32Array
  readonly values: Float32Array
  readonly prior: Float32Array
  readonly strength: number
}): Float32Array {
  const { model, vectors, values, prior, strength } = options
  const { k } = model
  const a = model.gramian.map((value) => value * model.alpha0)
  const lambda = scaledLambda(values.length, model.items, model)
  for (let i = 0; i < k; i++) a[i * k + i]! += lambda + strength
  addOuterProducts(a, vectors, k, 0, values.length, values)
  const x = Float64Array.from(prior, (value) => value * strength)
  for (let j = 0; j < values.length; j++) if (values[j]! > 0) addRow(x, values[j]!, vectors, j * k)
  factorCholesky(a, k)
  solveCholesky(a, k, x)
  return Float32Array.from(x)
}

/** Mean of the eigenvalues of α0 YᵀY: what strengths are measured by, so that they mean the same under any model. */
export function meanCurvature({ k, alpha0, gramian }: Pick<FoldInModel, 'k' | 'alpha0' | 'gramian'>): number {
  let trace = 0
  for (let i = 0; i < k; i++) trace += gramian[i * k + i]!
  return (alpha0 * trace) / k
}
