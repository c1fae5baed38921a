import type { Factors } from '../ports/solver.ts'

/** YᵀY in float64, k × k row-major, both triangles; summed block by block as {@link gramianBlocks} says. */
export function gramian(factors: Factors): Float64Array {
  const { k } = factors
  const total = new Float64Array(k * k)
  for (const [from, to] of gramianBlocks(factors.rows)) {
    const part = new Float64Array(k * k)
    addOuterProducts(part, factors.data, k, from, to)
    addInto(total, part)
  }
  mirrorLower(total, k)
  return total
}

/**
 * The row ranges whose Gramians are summed apart, then added in this order. They depend on the number of rows alone, so
 * any number of threads gives the same bits.
 */
export function gramianBlocks(rows: number): [from: number, to: number][] {
  const size = Math.max(1_024, Math.ceil(rows / 256))
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => [i * size, Math.min(rows, (i + 1) * size)])
}

/**
 * Adds Σ w_r y_r y_rᵀ over rows [from, to) of `data` to the lower triangle of `target`; w_r = |weights[r]|, 1 without
 * weights. Four rows at a time, so that each entry of `target` is loaded and stored once for four products.
 */
export function addOuterProducts(
  target: Float64Array,
  data: Float32Array,
  k: number,
  from: number,
  to: number,
  weights?: Float32Array,
): void {
  const rows = new Float64Array(4 * k)
  const y0 = rows.subarray(0, k)
  const y1 = rows.subarray(k, 2 * k)
  const y2 = rows.subarray(2 * k, 3 * k)
  const y3 = rows.subarray(3 * k)
  for (let first = from; first < to; first += 4) {
    const count = Math.min(4, to - first)
    if (count < 4) rows.fill(0, count * k)
    for (let i = 0; i < count * k; i++) rows[i] = data[first * k + i]!
    const w0 = weightAt(weights, first, to)
    const w1 = weightAt(weights, first + 1, to)
    const w2 = weightAt(weights, first + 2, to)
    const w3 = weightAt(weights, first + 3, to)
    for (let i = 0; i < k; i++) {
      const a = w0 * y0[i]!
      const b = w1 * y1[i]!
      const c = w2 * y2[i]!
      const d = w3 * y3[i]!
      const row = i * k
      for (let j = 0; j <= i; j++) target[row + j]! += a * y0[j]! + b * y1[j]! + (c * y2[j]! + d * y3[j]!)
    }
  }
}

/** Copies the lower triangle of a k × k matrix onto the upper. */
export function mirrorLower(matrix: Float64Array, k: number): void {
  for (let i = 0; i < k; i++) for (let j = 0; j < i; j++) matrix[j * k + i] = matrix[i * k + j]!
}

export function addInto(target: Float64Array, added: Float64Array): void {
  for (let i = 0; i < target.length; i++) target[i]! += added[i]!
}

function weightAt(weights: Float32Array | undefined, row: number, to: number): number {
  if (row >= to) return 0
  return weights === undefined ? 1 : Math.abs(weights[row]!)
}
