import type { Factors, Interactions, Regularisation } from '../ports/solver.ts'

/**
 * A_u and its right side, written out entry by entry from the equation: what fast code is compared with. `all` are the
 * rows behind YᵀY, `fixed` the rows that the entries point at.
 */
export function denseSystem(
  interactions: Interactions,
  row: number,
  fixed: Factors,
  { alpha0, lambda, nu }: Regularisation,
  all: Factors = fixed,
): { matrix: number[][]; side: number[] } {
  const { k } = fixed
  const start = interactions.starts[row]!
  const end = interactions.starts[row + 1]!
  const matrix = Array.from({ length: k }, () => Array.from({ length: k }, () => 0))
  const side = Array.from({ length: k }, () => 0)
  const addOuter = (weight: number, y: Float32Array): void => {
    for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) matrix[i]![j]! += weight * y[i]! * y[j]!
  }
  for (let other = 0; other < all.rows; other++) addOuter(alpha0, all.data.subarray(other * k, (other + 1) * k))
  for (let at = start; at < end; at++) {
    const column = interactions.indices[at]!
    const y = fixed.data.subarray(column * k, (column + 1) * k)
    const value = interactions.values[at]!
    addOuter(Math.abs(value), y)
    if (value > 0) for (let i = 0; i < k; i++) side[i]! += value * y[i]!
  }
  for (let i = 0; i < k; i++) matrix[i]![i]! += lambda * (end - start + alpha0 * all.rows) ** nu
  return { matrix, side }
}

/** Gaussian elimination with partial pivoting. */
export function eliminate(matrix: readonly (readonly number[])[], side: readonly number[]): number[] {
  const n = side.length
  const rows = matrix.map((row, i) => [...row, side[i]!])
  for (let column = 0; column < n; column++) {
    let pivot = column
    for (let i = column; i < n; i++) if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i
    ;[rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!]
    for (let i = 0; i < n; i++) {
      if (i === column) continue
      const factor = rows[i]![column]! / rows[column]![column]!
      for (let j = column; j <= n; j++) rows[i]![j]! -= factor * rows[column]![j]!
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!)
}
