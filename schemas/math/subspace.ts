import type { HalfIteration } from '../ports/solver.ts'
import { factorCholesky, solveCholesky } from './cholesky.ts'
import { eachRow, type RowProblem } from './each-row.ts'
import { dotRow } from './vector.ts'

/** Dimensions that are solved together. */
const block = 8

/**
 * The half-iteration of iALS++ (Rendle, Krichene, Zhang, Koren 2021, "iALS++: Speeding up Matrix Factorization with Subspace
 * Optimization", algorithm 2) over some rows: for each block of dimensions π in turn, the step that is exact in it,
 *
 *     (Σ c_ui y_iπ y_iπᵀ + α0 (YᵀY)_ππ + λ_u I) δ = Σ c_ui (p_ui − ŷ_ui) y_iπ − α0 (YᵀY)_π x_u − λ_u x_uπ,    x_uπ += δ
 *
 * with ŷ_ui = x_u·y_i kept up to date. A row's result depends on that row alone. Rows without entries become zero, their exact
 * solution.
 */
export function subspaceSolver(half: HalfIteration): (from: number, to: number) => void {
  const { interactions, fixed, regularisation } = half
  const { indices, values } = interactions
  const { k, data: y } = fixed
  const base = half.gramian.map((value) => value * regularisation.alpha0)
  const x = new Float64Array(k)

  return eachRow(half, x, solve)

  function solve({ start, end, lambda }: RowProblem): void {
    const predicted = Float64Array.from({ length: end - start }, (_, j) => dotRow(y, indices[start + j]! * k, x))
    for (let first = 0; first < k; first += block) {
      const width = Math.min(block, k - first)
      const { matrix, side } = blockSystem(first, width, lambda)
      for (let j = 0; j < predicted.length; j++) {
        const value = values[start + j]!
        const at = indices[start + j]! * k + first
        const pull = value > 0 ? value * (1 - predicted[j]!) : value * predicted[j]!
        for (let a = 0; a < width; a++) {
          const weighed = Math.abs(value) * y[at + a]!
          for (let b = 0; b <= a; b++) matrix[a * width + b]! += weighed * y[at + b]!
          side[a]! += pull * y[at + a]!
        }
      }
      factorCholesky(matrix, width)
      solveCholesky(matrix, width, side)
      for (let a = 0; a < width; a++) x[first + a]! += side[a]!
      for (let j = 0; j < predicted.length; j++) predicted[j]! += dotRow(y, indices[start + j]! * k + first, side)
    }
  }

  /** What does not depend on the entries: α0 (YᵀY)_ππ + λ I, and −α0 (YᵀY)_π x − λ x_π. */
  function blockSystem(first: number, width: number, lambda: number): { matrix: Float64Array; side: Float64Array } {
    const matrix = new Float64Array(width * width)
    const side = new Float64Array(width)
    for (let a = 0; a < width; a++) {
      const at = (first + a) * k
      for (let b = 0; b <= a; b++) matrix[a * width + b] = base[at + first + b]!
      matrix[a * width + a]! += lambda
      side[a] = -lambda * x[first + a]! - base.subarray(at, at + k).reduce((sum, value, i) => sum + value * x[i]!, 0)
    }
    return { matrix, side }
  }
}
