import type { SparseRows } from '#schemas/ports/solver.ts'

export interface Likes {
  /** Of each user the strongest likes, as multiples of `unit`. */
  readonly byUser: SparseRows
  /** The mean confidence of a like. */
  readonly unit: number
}

/** What users like, without what they dislike; of a user no more than the `most` strongest, which bounds the pairs of them. */
export function likesOf({ rows, columns, starts, indices, values }: SparseRows, most: number): Likes {
  let [count, sum] = [0, 0]
  for (const value of values) {
    if (value <= 0) continue
    count++
    sum += value
  }
  const unit = count === 0 ? 1 : sum / count
  const kept = { starts: new Uint32Array(rows + 1), indices: new Uint32Array(count), values: new Float32Array(count) }
  let end = 0
  for (let row = 0; row < rows; row++) {
    const least = weakestOf(values.subarray(starts[row], starts[row + 1]), most)
    for (let at = starts[row]!; at < starts[row + 1]! && end - kept.starts[row]! < most; at++) {
      if (values[at]! < least) continue
      kept.indices[end] = indices[at]!
      kept.values[end++] = values[at]! / unit
    }
    kept.starts[row + 1] = end
  }
  return {
    byUser: {
      rows,
      columns,
      starts: kept.starts,
      indices: kept.indices.subarray(0, end),
      values: kept.values.subarray(0, end),
    },
    unit,
  }
}

/** The weakest of the `most` strongest likes, above 0. */
function weakestOf(values: Float32Array, most: number): number {
  if (values.length <= most) return Number.MIN_VALUE
  return Math.max(Number.MIN_VALUE, values.toSorted()[values.length - most]!)
}
