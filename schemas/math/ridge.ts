import type { Factors, Interactions } from '../ports/solver.ts'

/** Sparse feature vectors, one row each; an item's are those of `contentFeatures`. */
export type SparseRows = Interactions

/**
 * Ridge regression of dense targets on sparse features: the W (columns × k, row-major) that minimises
 *
 *     |F W − Y|² + λ |W|²,   that is   (FᵀF + λ I) W = FᵀY
 *
 * by conjugate gradient on the normal equations (Hestenes, Stiefel 1952), one for each column of W, all side by side so
 * that F is read once a step. Columns stop on their own, with a residual below 1e-6 of their right side.
 */
export function ridgeRegression(options: {
  readonly features: SparseRows
  /** Row i is the target of feature row i. */
  readonly targets: Factors
  /** λ, above 0. */
  readonly lambda: number
  readonly maxSteps: number
}): Float32Array {
  const { features, targets, lambda, maxSteps } = options
  const { k } = targets
  const size = features.columns * k
  const weights = new Float64Array(size)
  const residual = new Float64Array(size)
  addTransposed(residual, features, Float64Array.from(targets.data), k)
  const direction = residual.slice()
  const image = new Float64Array(size)
  const predicted = new Float64Array(features.rows * k)
  let squared = columnProducts(residual, residual, k)
  const goal = squared.map((value) => value * tolerance)

  for (let step = 0; step < maxSteps && squared.some((value, column) => value > goal[column]!); step++) {
    predict(predicted, features, direction, k)
    for (let i = 0; i < size; i++) image[i] = lambda * direction[i]!
    addTransposed(image, features, predicted, k)
    const curvature = columnProducts(direction, image, k)
    const lengths = squared.map((value, column) => (value > goal[column]! ? value / curvature[column]! : 0))
    for (let i = 0; i < size; i++) {
      const length = lengths[i % k]!
      weights[i]! += length * direction[i]!
      residual[i]! -= length * image[i]!
    }
    const next = columnProducts(residual, residual, k)
    for (let i = 0; i < size; i++) {
      const column = i % k
      if (lengths[column]! > 0) direction[i] = residual[i]! + (next[column]! / squared[column]!) * direction[i]!
    }
    squared = next
  }
  return Float32Array.from(weights)
}

/** Square of the relative residual at which a column is done. */
const tolerance = 1e-12

/** target += Fᵀ·dense, for a dense of rows × k. */
function addTransposed(target: Float64Array, features: SparseRows, dense: Float64Array, k: number): void {
  for (let row = 0; row < features.rows; row++) {
    for (let at = features.starts[row]!; at < features.starts[row + 1]!; at++) {
      const value = features.values[at]!
      const into = features.indices[at]! * k
      for (let column = 0; column < k; column++) target[into + column]! += value * dense[row * k + column]!
    }
  }
}

/** target = F·weights. */
function predict(target: Float64Array, features: SparseRows, weights: Float64Array, k: number): void {
  target.fill(0)
  for (let row = 0; row < features.rows; row++) {
    for (let at = features.starts[row]!; at < features.starts[row + 1]!; at++) {
      const value = features.values[at]!
      const from = features.indices[at]! * k
      for (let column = 0; column < k; column++) target[row * k + column]! += value * weights[from + column]!
    }
  }
}

/** Inner product of each pair of columns. */
function columnProducts(a: Float64Array, b: Float64Array, k: number): Float64Array {
  const products = new Float64Array(k)
  for (let i = 0; i < a.length; i++) products[i % k]! += a[i]! * b[i]!
  return products
}
