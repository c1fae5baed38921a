import { MillraceError } from '../errors.ts'

/** Numbers in the lower triangle of a symmetric n × n matrix, packed row after row: entry (i, j ≤ i) is at i(i + 1)/2 + j. */
export function packedLength(n: number): number {
  return (n * (n + 1)) / 2
}

/** Where row i of a packed triangle begins. */
export function packedRow(i: number): number {
  return (i * (i + 1)) / 2
}

/** Rows factored side by side: each earlier row is read once for all of them, and they stay in the processor's cache. */
const rowsAtOnce = 32

/**
 * Factors a symmetric positive definite matrix A = L·Lᵀ in place of its packed lower triangle, for systems of thousands:
 * the same sums as `factorCholesky`, in an order that reads the triangle once for every 32 rows. Throws
 * `broken-invariant` when A is not positive definite or holds a NaN.
 */
export function factorPacked(a: Float64Array, n: number): void {
  for (let from = 0; from < n; from += rowsAtOnce) {
    const to = Math.min(n, from + rowsAtOnce)
    for (let j = 0; j < from; j++) {
      let i = from
      for (; i + 4 <= to; i += 4) fourEntries(a, i, j)
      for (; i < to; i++) entry(a, i, j)
    }
    for (let i = from; i < to; i++) {
      for (let j = from; j < i; j++) entry(a, i, j)
      pivot(a, i)
    }
  }
}

/** B ← A⁻¹B for n × k right sides side by side (row-major), with L of {@link factorPacked}. */
export function solvePacked(l: Float64Array, n: number, b: Float64Array, k: number): void {
  for (let i = 0; i < n; i++) {
    const row = packedRow(i)
    for (let j = 0; j < i; j++) subtractRow(b, i * k, l[row + j]!, j * k, k)
    divideRow(b, i * k, l[row + i]!, k)
  }
  for (let i = n - 1; i >= 0; i--) {
    const row = packedRow(i)
    divideRow(b, i * k, l[row + i]!, k)
    for (let j = 0; j < i; j++) subtractRow(b, j * k, l[row + j]!, i * k, k)
  }
}

/** L_ij = (A_ij − Σ_m<j L_im L_jm) / L_jj. */
function entry(a: Float64Array, i: number, j: number): void {
  const row = packedRow(i)
  const other = packedRow(j)
  let sum = 0
  for (let m = 0; m < j; m++) sum += a[row + m]! * a[other + m]!
  a[row + j] = (a[row + j]! - sum) / a[other + j]!
}

/** {@link entry} of rows i to i + 3, which share the reads of row j. */
function fourEntries(a: Float64Array, i: number, j: number): void {
  const other = packedRow(j)
  const r0 = packedRow(i)
  const r1 = packedRow(i + 1)
  const r2 = packedRow(i + 2)
  const r3 = packedRow(i + 3)
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  for (let m = 0; m < j; m++) {
    const value = a[other + m]!
    s0 += a[r0 + m]! * value
    s1 += a[r1 + m]! * value
    s2 += a[r2 + m]! * value
    s3 += a[r3 + m]! * value
  }
  const by = a[other + j]!
  a[r0 + j] = (a[r0 + j]! - s0) / by
  a[r1 + j] = (a[r1 + j]! - s1) / by
  a[r2 + j] = (a[r2 + j]! - s2) / by
  a[r3 + j] = (a[r3 + j]! - s3) / by
}

function pivot(a: Float64Array, i: number): void {
  const row = packedRow(i)
  let left = a[row + i]!
  for (let m = 0; m < i; m++) left -= a[row + m]! * a[row + m]!
  if (!(left > 0 && left < Infinity)) {
    throw new MillraceError('broken-invariant', 'The matrix is not positive definite', {
      facts: { row: i, pivot: left },
    })
  }
  a[row + i] = Math.sqrt(left)
}

/** Row at `target` −= factor · row at `source`. */
function subtractRow(b: Float64Array, target: number, factor: number, source: number, k: number): void {
  if (factor === 0) return
  for (let c = 0; c < k; c++) b[target + c]! -= factor * b[source + c]!
}

function divideRow(b: Float64Array, target: number, by: number, k: number): void {
  for (let c = 0; c < k; c++) b[target + c]! /= by
}
