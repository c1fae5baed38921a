import type { Factors, HalfIteration, RidgeProblem } from '#schemas/ports/solver.ts'
import { rowSolver } from '#schemas/math/conjugate-gradient.ts'
import { addOuterProducts, gramianBlocks } from '#schemas/math/gramian.ts'
import { solveRidge } from '#schemas/math/ridge.ts'
import { subspaceSolver } from '#schemas/math/subspace.ts'
import { runWasmJob, type WasmJob } from './wasm-job.ts'

/** Work that any number of threads may run together; `counter[0]`, shared by all of them, is the next block to take. */
export type SolverJob =
  | {
      readonly type: 'gramian'
      readonly factors: Factors
      /** One k × k matrix for each block of `gramianBlocks`: its lower triangle is filled. */
      readonly parts: Float64Array
      readonly counter: Int32Array
    }
  | { readonly type: 'half'; readonly half: HalfIteration; readonly counter: Int32Array }
  /** Not divided: one thread does all of it. */
  | {
      readonly type: 'ridge'
      readonly problem: RidgeProblem
      readonly weights: Float32Array
      readonly counter: Int32Array
    }
  | WasmJob

/** Takes blocks until none is left. Every block is computed alike on every thread. */
export function runSolverJob(job: SolverJob): void {
  switch (job.type) {
    case 'gramian': {
      const { k, data, rows } = job.factors
      const blocks = gramianBlocks(rows)
      for (let at = take(job.counter); at < blocks.length; at = take(job.counter)) {
        const [from, to] = blocks[at]!
        addOuterProducts(job.parts.subarray(at * k * k, (at + 1) * k * k), data, k, from, to)
      }
      return
    }
    case 'half': {
      const solveRows = job.half.method === 'ials++' ? subspaceSolver(job.half) : rowSolver(job.half)
      const { rows } = job.half.interactions
      for (let from = take(job.counter) * rowsOfBlock; from < rows; from = take(job.counter) * rowsOfBlock) {
        solveRows(from, Math.min(rows, from + rowsOfBlock))
      }
      return
    }
    case 'ridge':
      if (take(job.counter) === 0) job.weights.set(solveRidge(job.problem))
      return
    case 'wasm-gramian':
    case 'wasm-half':
    case 'wasm-ridge':
      runWasmJob(job)
  }
}

/** Small enough that threads finish together, large enough that the counter costs nothing. */
const rowsOfBlock = 64

function take(counter: Int32Array): number {
  return Atomics.add(counter, 0, 1)
}
