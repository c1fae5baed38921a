import { MillraceError } from '../errors.ts'
import { dotDouble } from './vector.ts'

/**
 * Factors a symmetric positive definite A = L·Lᵀ in place: reads and writes the lower triangle of `a` (k × k
 * row-major), leaves the upper one alone. Row by row (Cholesky–Banachiewicz): L_ij = (A_ij − Σ_m<j L_im L_jm) / L_jj.
 * Throws `broken-invariant` when A is not positive definite or holds a NaN.
 */
export function factorCholesky(a: Float64Array, k: number): void {
  for (let i = 0; i < k; i++) {
    const row = i * k
    for (let j = 0; j < i; j++) {
      a[row + j] = (a[row + j]! - dotDouble(a, row, a, j * k, j)) / a[j * k + j]!
    }
    const pivot = a[row + i]! - dotDouble(a, row, a, row, i)
    if (!(pivot > 0 && pivot < Infinity)) {
      throw new MillraceError('broken-invariant', 'The matrix is not positive definite', { facts: { row: i, pivot } })
    }
    a[row + i] = Math.sqrt(pivot)
  }
}

/** b ← L⁻¹b, for L of {@link factorCholesky}. bᵀA⁻¹b is then the squared length of b. */
export function substituteForward(l: Float64Array, k: number, b: Float64Array): void {
  for (let i = 0; i < k; i++) b[i] = (b[i]! - dotDouble(l, i * k, b, 0, i)) / l[i * k + i]!
}

/** b ← L⁻ᵀb, for L of {@link factorCholesky}. */
export function substituteBackward(l: Float64Array, k: number, b: Float64Array): void {
  for (let i = k - 1; i >= 0; i--) {
    const row = i * k
    const value = b[i]! / l[row + i]!
    b[i] = value
    for (let j = 0; j < i; j++) b[j]! -= value * l[row + j]!
  }
}

/** b ← A⁻¹b, for A = L·Lᵀ of {@link factorCholesky}. */
export function solveCholesky(l: Float64Array, k: number, b: Float64Array): void {
  substituteForward(l, k, b)
  substituteBackward(l, k, b)
}
