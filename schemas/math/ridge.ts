import type { RidgeProblem, SparseRows } from '../ports/solver.ts'
import { factorPacked, packedLength, packedRow, solvePacked } from './packed-cholesky.ts'
import { transposed } from './transposed.ts'

/**
 * The W (columns × k) that minimises |F W − Y|² + λ |W|², λ > 0, exactly (Cholesky), by whichever form is the smaller:
 *
 *     primal  (FᵀF + λ I) W = FᵀY            of as many unknowns as columns are in use
 *     dual    W = Fᵀ (F Fᵀ + λ I)⁻¹ Y        of as many as there are rows
 *
 * (Saunders, Gammerman, Vovk 1998.) Memory is n² / 2 float64s for n unknowns: 67 MB for 4,096.
 */
export function solveRidge({ features, targets, lambda }: RidgeProblem): Float32Array {
  const { k, data } = targets
  const weights = new Float32Array(features.columns * k)
  const used = usedColumns(features)
  const byColumn = transposed(features)
  if (features.rows < used.length) {
    const solved = Float64Array.from(data)
    solveSystem(outerProducts(byColumn, features.rows), features.rows, lambda, solved, k)
    weights.set(sparseProduct(byColumn, solved, k))
  } else {
    const narrow = columnsOf(features, used)
    const solved = sparseProduct(transposed(narrow), data, k)
    solveSystem(outerProducts(narrow, used.length), used.length, lambda, solved, k)
    for (const [at, column] of used.entries()) weights.set(solved.subarray(at * k, (at + 1) * k), column * k)
  }
  return weights
}

/** The columns that any row has, ascending. */
export function usedColumns({ columns, indices }: SparseRows): Uint32Array {
  const isUsed = new Uint8Array(columns)
  for (const column of indices) isUsed[column] = 1
  return Uint32Array.from(isUsed.keys()).filter((column) => isUsed[column] === 1)
}

/** The rows with these columns alone, renumbered in their order; every entry is in one of them. */
export function columnsOf(features: SparseRows, used: Uint32Array): SparseRows {
  const places = new Uint32Array(features.columns)
  for (const [place, column] of used.entries()) places[column] = place
  return { ...features, columns: used.length, indices: features.indices.map((column) => places[column]!) }
}

/** S·D for sparse rows S and a dense matrix D of k columns. */
export function sparseProduct(
  { rows, starts, indices, values }: SparseRows,
  dense: Float32Array | Float64Array,
  k: number,
): Float64Array {
  const product = new Float64Array(rows * k)
  for (let row = 0; row < rows; row++) {
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) {
      const value = values[entry]!
      const from = indices[entry]! * k
      for (let c = 0; c < k; c++) product[row * k + c]! += value * dense[from + c]!
    }
  }
  return product
}

/** Σ_r f_r f_rᵀ over rows of `size` columns, as a packed lower triangle. */
function outerProducts({ rows, starts, indices, values }: SparseRows, size: number): Float64Array {
  const matrix = new Float64Array(packedLength(size))
  for (let row = 0; row < rows; row++) {
    for (let i = starts[row]!; i < starts[row + 1]!; i++) {
      const at = packedRow(indices[i]!)
      for (let j = starts[row]!; j <= i; j++) matrix[at + indices[j]!]! += values[i]! * values[j]!
    }
  }
  return matrix
}

/** sides ← (M + λ I)⁻¹ sides. */
function solveSystem(matrix: Float64Array, size: number, lambda: number, sides: Float64Array, k: number): void {
  for (let i = 0; i < size; i++) matrix[packedRow(i) + i]! += lambda
  factorPacked(matrix, size)
  solvePacked(matrix, size, sides, k)
}
