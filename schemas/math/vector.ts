/**
 * Inner product of `width` numbers of `a` from `aStart` and of `b` from `bStart`, in float64. Four sums side by side:
 * the processor need not wait for one addition before the next, and the order of additions is fixed.
 */
export function dot(a: Float32Array, aStart: number, b: Float32Array, bStart: number, width: number): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  const whole = width - (width & 3)
  for (let i = 0; i < whole; i += 4) {
    s0 += a[aStart + i]! * b[bStart + i]!
    s1 += a[aStart + i + 1]! * b[bStart + i + 1]!
    s2 += a[aStart + i + 2]! * b[bStart + i + 2]!
    s3 += a[aStart + i + 3]! * b[bStart + i + 3]!
  }
  for (let i = whole; i < width; i++) s0 += a[aStart + i]! * b[bStart + i]!
  return s0 + s1 + (s2 + s3)
}

/** {@link dot} of two float64 vectors; apart, because one function for both array types runs at a third of the speed. */
export function dotDouble(a: Float64Array, aStart: number, b: Float64Array, bStart: number, width: number): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  const whole = width - (width & 3)
  for (let i = 0; i < whole; i += 4) {
    s0 += a[aStart + i]! * b[bStart + i]!
    s1 += a[aStart + i + 1]! * b[bStart + i + 1]!
    s2 += a[aStart + i + 2]! * b[bStart + i + 2]!
    s3 += a[aStart + i + 3]! * b[bStart + i + 3]!
  }
  for (let i = whole; i < width; i++) s0 += a[aStart + i]! * b[bStart + i]!
  return s0 + s1 + (s2 + s3)
}

/** {@link dot} of a row of a float32 matrix and a float64 vector. */
export function dotRow(matrix: Float32Array, start: number, vector: Float64Array): number {
  const width = vector.length
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  const whole = width - (width & 3)
  for (let i = 0; i < whole; i += 4) {
    s0 += matrix[start + i]! * vector[i]!
    s1 += matrix[start + i + 1]! * vector[i + 1]!
    s2 += matrix[start + i + 2]! * vector[i + 2]!
    s3 += matrix[start + i + 3]! * vector[i + 3]!
  }
  for (let i = whole; i < width; i++) s0 += matrix[start + i]! * vector[i]!
  return s0 + s1 + (s2 + s3)
}

/**
 * target[r − from] = row r of a float32 matrix times the vector, for rows [from, to), rounded to float32. Four rows side by
 * side, each summed in order: an entry of the vector is loaded once for four products, and a row's score is the same bits
 * whichever rows it is computed with.
 */
export function multiplyRows(
  target: Float32Array,
  matrix: Float32Array,
  from: number,
  to: number,
  vector: Float64Array,
): void {
  const width = vector.length
  let row = from
  for (; row + 4 <= to; row += 4) {
    const a = row * width
    multiplyFour(target, row - from, matrix, a, a + width, a + 2 * width, a + 3 * width, vector)
  }
  for (; row < to; row++) target[row - from] = multiplyRow(matrix, row, vector)
}

/** Products of the four rows of the matrix that begin at a, b, c and d, into `target` from `at` on. */
function multiplyFour(
  target: Float32Array,
  at: number,
  matrix: Float32Array,
  a: number,
  b: number,
  c: number,
  d: number,
  vector: Float64Array,
): void {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  for (let i = 0; i < vector.length; i++) {
    const value = vector[i]!
    s0 += matrix[a + i]! * value
    s1 += matrix[b + i]! * value
    s2 += matrix[c + i]! * value
    s3 += matrix[d + i]! * value
  }
  target[at] = s0
  target[at + 1] = s1
  target[at + 2] = s2
  target[at + 3] = s3
}

/** One entry of {@link multiplyRows}, to the bit once it is rounded to float32. */
export function multiplyRow(matrix: Float32Array, row: number, vector: Float64Array): number {
  const start = row * vector.length
  let sum = 0
  for (let i = 0; i < vector.length; i++) sum += matrix[start + i]! * vector[i]!
  return sum
}

/** {@link multiplyRow} of each of these rows, rounded to float32: four side by side, for none to wait for its additions. */
export function multiplyChosenRows(matrix: Float32Array, rows: ArrayLike<number>, vector: Float64Array): Float32Array {
  const width = vector.length
  const products = new Float32Array(rows.length)
  let at = 0
  for (; at + 4 <= rows.length; at += 4) {
    const [a, b, c, d] = [rows[at]!, rows[at + 1]!, rows[at + 2]!, rows[at + 3]!]
    multiplyFour(products, at, matrix, a * width, b * width, c * width, d * width, vector)
  }
  for (; at < rows.length; at++) products[at] = multiplyRow(matrix, rows[at]!, vector)
  return products
}

/** target += factor · (the row of `matrix` that begins at `start`). */
export function addRow(target: Float64Array, factor: number, matrix: Float32Array, start: number): void {
  for (let i = 0; i < target.length; i++) target[i]! += factor * matrix[start + i]!
}

/** target = S·vector for a symmetric S, k × k row-major with both triangles. */
export function multiplySymmetric(target: Float64Array, symmetric: Float64Array, vector: Float64Array): void {
  const k = vector.length
  for (let i = 0; i < k; i++) target[i] = dotDouble(symmetric, i * k, vector, 0, k)
}
