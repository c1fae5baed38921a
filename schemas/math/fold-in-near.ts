import type { FoldInModel } from '../ports/solver.ts'
import { factorCholesky, solveCholesky } from './cholesky.ts'
import { addOuterProducts } from './gramian.ts'
import { scaledLambda } from './regularisation.ts'
import { addRow, dotDouble } from './vector.ts'

/**
 * A fold-in that begins at `prior` instead of at zero, and leaves it as data come in:
 *
 *     argmin_x  Σ_j c_j (p_j − v_j·x)² + (x − prior)ᵀ (α0 VᵀV + λ I) (x − prior)
 *
 * Of pairs that nobody observed it expects what the prior says, where `foldIn` expects 0: with a prior of zero it is
 * `foldIn`, and without data it is the prior itself. Row j of `vectors` has confidence |values[j]| and preference
 * values[j] > 0.
 */
export function foldInNear(options: {
  readonly model: FoldInModel
  readonly vectors: Float32Array
  readonly values: Float32Array
  readonly prior: Float32Array
}): Float32Array {
  const { model, vectors, values, prior } = options
  const { k } = model
  const a = model.gramian.map((value) => value * model.alpha0)
  const lambda = scaledLambda(values.length, model.items, model)
  for (let i = 0; i < k; i++) a[i * k + i]! += lambda
  const start = Float64Array.from(prior)
  const x = Float64Array.from({ length: k }, (_, i) => dotDouble(a, i * k, start, 0, k))
  addOuterProducts(a, vectors, k, 0, values.length, values)
  for (let j = 0; j < values.length; j++) if (values[j]! > 0) addRow(x, values[j]!, vectors, j * k)
  factorCholesky(a, k)
  solveCholesky(a, k, x)
  return Float32Array.from(x)
}
