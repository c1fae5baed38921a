import type { SparseRows } from '#schemas/ports/solver.ts'

/** The entries above 0; of a row no more than the `most` largest, which bounds the pairs of them. */
export function strongest({ rows, columns, starts, indices, values }: SparseRows, most: number): SparseRows {
  const count = values.reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0)
  const kept = { starts: new Uint32Array(rows + 1), indices: new Uint32Array(count), values: new Float32Array(count) }
  let end = 0
  for (let row = 0; row < rows; row++) {
    const least = leastOf(values.subarray(starts[row], starts[row + 1]), most)
    for (let at = starts[row]!; at < starts[row + 1]! && end - kept.starts[row]! < most; at++) {
      if (values[at]! < least) continue
      kept.indices[end] = indices[at]!
      kept.values[end++] = values[at]!
    }
    kept.starts[row + 1] = end
  }
  const { indices: columnsKept, values: valuesKept } = kept
  return {
    rows,
    columns,
    starts: kept.starts,
    indices: columnsKept.subarray(0, end),
    values: valuesKept.subarray(0, end),
  }
}

/** The least of the `most` largest, above 0. */
function leastOf(values: Float32Array, most: number): number {
  if (values.length <= most) return leastLike
  return Math.max(leastLike, values.toSorted()[values.length - most]!)
}

/** The smallest float32 above 0. */
const leastLike = 2 ** -149
