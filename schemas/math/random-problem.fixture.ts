import type { Factors, Interactions } from '../ports/solver.ts'
import { seededRandom } from './random.ts'

/** Factors uniform in [-1, 1). */
export function randomFactors(rows: number, k: number, seed: number): Factors {
  const random = seededRandom(seed)
  return { rows, k, data: Float32Array.from({ length: rows * k }, () => 2 * random() - 1) }
}

/** A quarter of the entries of a rows × columns matrix, three in four of them positive; every ninth row is empty. */
export function randomInteractions(shape: { rows: number; columns: number; seed: number }): Interactions {
  const random = seededRandom(shape.seed)
  const starts = new Uint32Array(shape.rows + 1)
  const indices: number[] = []
  const values: number[] = []
  for (let row = 0; row < shape.rows; row++) {
    for (let column = 0; column < shape.columns; column++) {
      if (row % 9 === 8 || random() > 0.25) continue
      indices.push(column)
      values.push((random() < 0.75 ? 1 : -1) * (1 + 9 * random()))
    }
    starts[row + 1] = indices.length
  }
  return {
    rows: shape.rows,
    columns: shape.columns,
    starts,
    indices: Uint32Array.from(indices),
    values: Float32Array.from(values),
  }
}
