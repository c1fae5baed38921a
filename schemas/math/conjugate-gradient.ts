import type { HalfIteration } from '../ports/solver.ts'
import { eachRow, type RowProblem } from './each-row.ts'
import { addRow, dotDouble, dotRow, multiplySymmetric } from './vector.ts'

/**
 * The half-iteration of iALS over some rows: `cgSteps` steps of conjugate gradient from the row's present factor
 * towards the solution of A_u x_u = Σ c_ui p_ui y_i (Takács, Pilászy, Tikk 2011). A_u is never formed:
 *
 *     A_u p = α0 YᵀY p + λ_u p + Σ_i∈S_u c_ui (y_i·p) y_i
 *
 * A row's result depends on that row alone. Rows without entries become zero, their exact solution.
 */
export function rowSolver(half: HalfIteration): (from: number, to: number) => void {
  const { interactions, fixed, regularisation, cgSteps } = half
  const { indices, values } = interactions
  const { k, data: y } = fixed
  const base = half.gramian.map((value) => value * regularisation.alpha0)
  const x = new Float64Array(k)
  const residual = new Float64Array(k)
  const direction = new Float64Array(k)
  const image = new Float64Array(k)

  return eachRow(half, x, solve)

  function solve({ start, end, lambda }: RowProblem): void {
    startResidual(start, end, lambda)
    direction.set(residual)
    let squared = dotDouble(residual, 0, residual, 0, k)
    for (let step = 0; step < cgSteps && squared > converged; step++) {
      applySystem(start, end, lambda)
      const length = squared / dotDouble(direction, 0, image, 0, k)
      for (let i = 0; i < k; i++) {
        x[i]! += length * direction[i]!
        residual[i]! -= length * image[i]!
      }
      const next = dotDouble(residual, 0, residual, 0, k)
      const turn = next / squared
      for (let i = 0; i < k; i++) direction[i] = residual[i]! + turn * direction[i]!
      squared = next
    }
  }

  /** residual = Σ c p y − A_u x = Σ c (p − y·x) y − α0 YᵀY x − λ_u x. */
  function startResidual(start: number, end: number, lambda: number): void {
    multiplySymmetric(image, base, x)
    for (let i = 0; i < k; i++) residual[i] = -image[i]! - lambda * x[i]!
    for (let at = start; at < end; at++) {
      const value = values[at]!
      const row = indices[at]! * k
      const predicted = dotRow(y, row, x)
      addRow(residual, value > 0 ? value * (1 - predicted) : value * predicted, y, row)
    }
  }

  /** image = A_u · direction. */
  function applySystem(start: number, end: number, lambda: number): void {
    multiplySymmetric(image, base, direction)
    for (let i = 0; i < k; i++) image[i]! += lambda * direction[i]!
    for (let at = start; at < end; at++) {
      const row = indices[at]! * k
      addRow(image, Math.abs(values[at]!) * dotRow(y, row, direction), y, row)
    }
  }
}

/** Squared length of a residual below which a row is as good as float32 can say. */
const converged = 1e-20
