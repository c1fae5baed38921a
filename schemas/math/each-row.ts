import type { HalfIteration } from '../ports/solver.ts'
import { scaledLambda } from './regularisation.ts'

/** What is to be solved for one row: its entries [start, end), and λ of as many. */
export interface RowProblem {
  readonly start: number
  readonly end: number
  readonly lambda: number
}

/**
 * Rows [from, to) one by one: `solve` moves x, the row's factor, in place. Rows without entries become zero, their exact
 * solution.
 */
export function eachRow(
  { interactions: { starts }, fixed, solved, regularisation }: HalfIteration,
  x: Float64Array,
  solve: (problem: RowProblem) => void,
): (from: number, to: number) => void {
  return (from, to) => {
    for (let row = from; row < to; row++) {
      const start = starts[row]!
      const end = starts[row + 1]!
      const own = solved.data.subarray(row * x.length, (row + 1) * x.length)
      if (start === end) {
        own.fill(0)
        continue
      }
      x.set(own)
      solve({ start, end, lambda: scaledLambda(end - start, fixed.rows, regularisation) })
      own.set(x)
    }
  }
}
