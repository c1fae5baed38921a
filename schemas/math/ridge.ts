import { factorPacked, packedLength, packedRow, solvePacked } from './packed-cholesky.ts'

/** A row of features: `indices` ascending, without repeats. */
export interface SparseVector {
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/** Ridge regression of dense targets on sparse features, fed row by row. */
export interface RidgeRegression {
  /** One more row with its target of k numbers; both may change afterwards. */
  add(features: SparseVector, target: Float32Array): void
  /** Rows added so far. */
  rows(): number
  /** W of what was added, columns × k row-major; zeros where no row had the column. It can be asked for once. */
  solve(): Float32Array
}

/**
 * The W (columns × k) that minimises |F W − Y|² + λ |W|², λ > 0, exactly (Cholesky), by whichever form is the smaller:
 *
 *     primal  (FᵀF + λ I) W = FᵀY            of as many unknowns as columns are in use
 *     dual    W = Fᵀ (F Fᵀ + λ I)⁻¹ Y        of as many as there are rows
 *
 * (Saunders, Gammerman, Vovk 1998.) Rows are held until there are more of them than columns; from then on only the
 * normal equations are, to which each row is added as it comes. So memory is bounded by the columns however many rows
 * there are: columns² / 2 float64s, 67 MB for 4,096.
 */
export function ridgeRegression(options: {
  readonly columns: number
  readonly k: number
  readonly lambda: number
}): RidgeRegression {
  const { columns, k, lambda } = options
  let held: Held[] = []
  let normal: NormalEquations | undefined
  let rows = 0

  return {
    add(features, target) {
      rows++
      if (normal !== undefined) return normal.add(features, target)
      held.push({ indices: features.indices.slice(), values: features.values.slice(), target: target.slice() })
      if (held.length <= columns) return
      normal = normalEquations(columns, k)
      for (const row of held.splice(0)) normal.add(row, row.target)
    },
    rows: () => rows,
    solve() {
      if (normal !== undefined) return normal.solve(lambda)
      const used = new Set(held.flatMap(({ indices }) => [...indices])).size
      if (held.length < used) return solveDual(held, options)
      const primal = normalEquations(columns, k)
      for (const row of held) primal.add(row, row.target)
      held = []
      return primal.solve(lambda)
    },
  }
}

interface Held extends SparseVector {
  readonly target: Float32Array
}

interface NormalEquations {
  add(features: SparseVector, target: Float32Array): void
  solve(lambda: number): Float32Array
}

/** FᵀF as a packed lower triangle, and FᵀY. */
function normalEquations(columns: number, k: number): NormalEquations {
  const matrix = new Float64Array(packedLength(columns))
  const sides = new Float64Array(columns * k)

  return {
    add({ indices, values }, target) {
      for (let i = 0; i < indices.length; i++) {
        const value = values[i]!
        const row = packedRow(indices[i]!)
        for (let j = 0; j <= i; j++) matrix[row + indices[j]!]! += value * values[j]!
        const side = indices[i]! * k
        for (let c = 0; c < k; c++) sides[side + c]! += value * target[c]!
      }
    },
    solve(lambda) {
      const used: number[] = []
      for (let column = 0; column < columns; column++) {
        if (matrix[packedRow(column) + column]! > 0) used.push(column)
      }
      // Entries only move towards the front, so what is read was not written yet.
      for (const [i, row] of used.entries()) {
        for (let j = 0; j <= i; j++) matrix[packedRow(i) + j] = matrix[packedRow(row) + used[j]!]!
        matrix[packedRow(i) + i]! += lambda
        sides.copyWithin(i * k, row * k, (row + 1) * k)
      }
      factorPacked(matrix, used.length)
      solvePacked(matrix, used.length, sides, k)
      const weights = new Float32Array(columns * k)
      for (const [i, row] of used.entries()) weights.set(sides.subarray(i * k, (i + 1) * k), row * k)
      return weights
    },
  }
}

function solveDual(
  rows: readonly Held[],
  { columns, k, lambda }: { readonly columns: number; readonly k: number; readonly lambda: number },
): Float32Array {
  const n = rows.length
  const kernel = new Float64Array(packedLength(n))
  const dense = new Float64Array(columns)
  const solved = new Float64Array(n * k)
  for (const [i, row] of rows.entries()) {
    scatter(dense, row, 1)
    for (let j = 0; j <= i; j++) kernel[packedRow(i) + j] = gather(dense, rows[j]!)
    kernel[packedRow(i) + i]! += lambda
    scatter(dense, row, 0)
    solved.set(row.target, i * k)
  }
  factorPacked(kernel, n)
  solvePacked(kernel, n, solved, k)
  const weights = new Float64Array(columns * k)
  for (const [r, { indices, values }] of rows.entries()) {
    for (let i = 0; i < indices.length; i++) {
      for (let c = 0; c < k; c++) weights[indices[i]! * k + c]! += values[i]! * solved[r * k + c]!
    }
  }
  return Float32Array.from(weights)
}

function scatter(dense: Float64Array, { indices, values }: SparseVector, factor: 0 | 1): void {
  for (let i = 0; i < indices.length; i++) dense[indices[i]!] = factor * values[i]!
}

function gather(dense: Float64Array, { indices, values }: SparseVector): number {
  let sum = 0
  for (let i = 0; i < indices.length; i++) sum += dense[indices[i]!]! * values[i]!
  return sum
}
