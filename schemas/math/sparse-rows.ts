import type { SparseRows } from '../ports/solver.ts'

/** A row of features: `indices` ascending, without repeats. */
export interface SparseVector {
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/** Sparse rows as they come: 8 bytes an entry. */
export interface GrowingRows {
  /** One more row; it may change afterwards. */
  add(row: SparseVector): void
  readonly count: number
  /** All that was added so far; a view that further rows leave alone. */
  rows(): SparseRows
}

export function growingRows(columns: number): GrowingRows {
  let count = 0
  let starts = new Uint32Array(64)
  let indices = new Uint32Array(1_024)
  let values = new Float32Array(1_024)

  return {
    get count() {
      return count
    },
    add(row) {
      const from = starts[count]!
      const to = from + row.indices.length
      if (count + 2 > starts.length) starts = wider(starts, count + 2)
      if (to > indices.length) {
        indices = wider(indices, to)
        values = wider(values, to)
      }
      indices.set(row.indices, from)
      values.set(row.values, from)
      starts[++count] = to
    },
    rows() {
      const entries = starts[count]!
      return {
        rows: count,
        columns,
        starts: starts.subarray(0, count + 1),
        indices: indices.subarray(0, entries),
        values: values.subarray(0, entries),
      }
    },
  }
}

function wider<T extends Uint32Array | Float32Array>(array: T, least: number): T
function wider(array: Uint32Array | Float32Array, least: number): Uint32Array | Float32Array {
  const wide = array instanceof Uint32Array ? Uint32Array : Float32Array
  const made = new wide(Math.max(2 * array.length, least))
  made.set(array)
  return made
}
