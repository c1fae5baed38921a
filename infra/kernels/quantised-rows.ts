import type { Workspace } from '#schemas/math/workspace.ts'
import type { Kernels } from './kernel-module.ts'

/** Vectors that never change as int8, block by block as scans come to them: a quarter of the bytes to read. */
export interface QuantisedRows {
  /** True where the block that begins at row `first` is quantised, now or before. */
  has(first: number): boolean
  /** Scores of a block for the query set last, and how far from the true ones they may be. */
  score(first: number, rows: number, scores: Float32Array): number
  /** A further scan, with this query of the given length. */
  begin(query: Float32Array, length: number): void
}

/** Blocks that one scan may quantise, some 0.1 ms: so a first scan of many vectors holds nothing up. */
const blocksAScan = 8

/** The largest number of the query as int16. */
const queryUnits = 32_767

/** Beyond it sums of int8 by int16 might exceed 31 bits. */
export const mostQuantised = 512

export function quantisedRows(options: {
  readonly space: Workspace
  readonly kernels: Kernels
  readonly vectors: Float32Array
  readonly reach: Float64Array
  readonly k: number
  /** Of a block, a multiple of 4. */
  readonly rowsAtOnce: number
}): QuantisedRows {
  const { space, kernels, vectors, reach, k, rowsAtOnce } = options
  const count = reach.length
  const width = Math.ceil(k / 8) * 8
  const blocks = Math.ceil(count / rowsAtOnce)
  const numbers = space.integers((blocks * rowsAtOnce * width) / 4)
  const scales = space.floats(blocks * rowsAtOnce)
  const ownQuery = space.integers(width / 2)
  const units = new Int16Array(ownQuery.buffer, ownQuery.byteOffset, width)
  /** The largest distance between a vector of the block and what stands for it; NaN before that is known. */
  const errors = new Float64Array(blocks).fill(NaN)
  let left = 0
  let factor = 0
  let length = 0
  /** Distance between the query and what stands for it. */
  let queryError = 0

  return {
    begin(query, queryLength) {
      left = blocksAScan
      length = queryLength
      const most = query.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
      factor = Math.fround(most / queryUnits)
      let squared = 0
      units.fill(0)
      for (let i = 0; i < k; i++) {
        units[i] = factor === 0 ? 0 : Math.max(-queryUnits, Math.min(queryUnits, Math.round(query[i]! / factor)))
        squared += (query[i]! - units[i]! * factor) ** 2
      }
      queryError = Math.sqrt(squared)
    },
    has(first) {
      const block = first / rowsAtOnce
      if (!Number.isNaN(errors[block]!)) return true
      if (left === 0 || reach[first]! < shortest) return false
      left--
      const rows = Math.min(rowsAtOnce, count - first)
      const { byteOffset } = vectors
      const from = byteOffset + first * k * 4
      errors[block] = Math.sqrt(
        kernels.quantiseRows(numbers.byteOffset + first * width, scales.byteOffset + first * 4, from, rows, k, width),
      )
      return true
    },
    score(first, rows, scores) {
      kernels.scoreQuantised(
        scores.byteOffset,
        numbers.byteOffset + first * width,
        scales.byteOffset + first * 4,
        Math.ceil(rows / 4) * 4,
        ownQuery.byteOffset,
        width,
        factor,
      )
      const error = errors[first / rowsAtOnce]!
      return (length * error + queryError * (reach[first]! + error)) * (1 + 1e-6) + length * reach[first]! * rounding
    },
  }
}

/** What a few roundings to float32 add, of scores and of the distances measured, relative to the product of the lengths. */
const rounding = 2 ** -20

/** Squares of distances between shorter vectors may be too small for float32. */
const shortest = 1e-12
