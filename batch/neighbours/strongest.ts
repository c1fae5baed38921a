import { growingRows } from '#schemas/math/sparse-rows.ts'
import type { SparseRows } from '#schemas/ports/solver.ts'

/** The entries above 0; of a row no more than the `most` largest, which bounds the pairs of them. */
export function strongest({ rows, columns, starts, indices, values }: SparseRows, most: number): SparseRows {
  const kept = growingRows(columns)
  for (let row = 0; row < rows; row++) {
    const [from, to] = [starts[row]!, starts[row + 1]!]
    const ofRow = values.subarray(from, to)
    const least = leastOf(ofRow, most)
    const isKept = (_: number, at: number) => ofRow[at]! >= least
    kept.add({
      indices: indices.subarray(from, to).filter(isKept).subarray(0, most),
      values: ofRow.filter(isKept).subarray(0, most),
    })
  }
  return kept.rows()
}

/** The least of the `most` largest, above 0. */
function leastOf(values: Float32Array, most: number): number {
  if (values.length <= most) return leastLike
  return Math.max(leastLike, values.toSorted()[values.length - most]!)
}

/** The smallest float32 above 0. */
const leastLike = 2 ** -149
