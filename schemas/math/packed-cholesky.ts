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
    // Blocks begin at even rows, so columns before them go in pairs.
    for (let j = 0; j < from; j += 2) {
      let i = from
      for (; i + 4 <= to; i += 4) eightEntries(a, i, j)
      for (; i < to; i++) {
        entry(a, i, j)
        entry(a, i, j + 1)
      }
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

/** {@link entry} of rows i to i + 3 at columns j and j + 1: what is read once serves several sums. */
function eightEntries(a: Float64Array, i: number, j: number): void {
  const c0 = packedRow(j)
  const c1 = packedRow(j + 1)
  const r0 = packedRow(i)
  const r1 = packedRow(i + 1)
  const r2 = packedRow(i + 2)
  const r3 = packedRow(i + 3)
  let s00 = 0
  let s10 = 0
  let s20 = 0
  let s30 = 0
  let s01 = 0
  let s11 = 0
  let s21 = 0
  let s31 = 0
  for (let m = 0; m < j; m++) {
    const v0 = a[c0 + m]!
    const v1 = a[c1 + m]!
    const x0 = a[r0 + m]!
    const x1 = a[r1 + m]!
    const x2 = a[r2 + m]!
    const x3 = a[r3 + m]!
    s00 += x0 * v0
    s10 += x1 * v0
    s20 += x2 * v0
    s30 += x3 * v0
    s01 += x0 * v1
    s11 += x1 * v1
    s21 += x2 * v1
    s31 += x3 * v1
  }
  finishPair(a, r0 + j, j, s00, s01)
  finishPair(a, r1 + j, j, s10, s11)
  finishPair(a, r2 + j, j, s20, s21)
  finishPair(a, r3 + j, j, s30, s31)
}

/** Entries (i, j), which is at `at`, and (i, j + 1) from their sums over the columns before j. */
function finishPair(a: Float64Array, at: number, j: number, first: number, second: number): void {
  const next = packedRow(j + 1)
  const value = (a[at]! - first) / a[next - 1]!
  a[at] = value
  a[at + 1] = (a[at + 1]! - second - value * a[next + j]!) / a[next + j + 1]!
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
