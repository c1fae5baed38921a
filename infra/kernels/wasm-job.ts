import { gramianBlocks } from '#schemas/math/gramian.ts'
import type { HalfMethod } from '#schemas/ports/solver.ts'
import { kernelsOn } from './kernel-module.ts'
import { runRidgeStep, type RidgeWork } from './wasm-ridge-job.ts'

/** Work on one workspace; k is a multiple of 8. Everything but counts is an address. */
export type WasmJob = {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  /** Shared by all threads: the next block to take, and the next number for a thread. */
  readonly counter: Int32Array
  readonly k: number
} & (
  | {
      readonly type: 'wasm-gramian'
      readonly rows: number
      readonly data: number
      /** One k × k matrix of f64 for each block of `gramianBlocks`, zero. */
      readonly parts: number
    }
  | {
      readonly type: 'wasm-half'
      readonly method: HalfMethod
      readonly rows: number
      readonly starts: number
      readonly indices: number
      readonly values: number
      readonly fixed: number
      readonly solved: number
      readonly panels: number
      /** λ of a row by its number of entries. */
      readonly lambdas: number
      /** Entries of the longest row. */
      readonly longest: number
      /** Of conjugate gradient. */
      readonly steps: number
      /** `scratchBytes` for each thread. */
      readonly scratch: number
      readonly scratchBytes: number
    }
  | RidgeWork
)

/** Takes blocks until none is left. A row's result does not depend on the block, nor on the thread. */
export function runWasmJob(job: WasmJob): void {
  const { counter, k } = job
  const kernels = kernelsOn(job.module, job.memory)
  switch (job.type) {
    case 'wasm-gramian': {
      const blocks = gramianBlocks(job.rows)
      for (let at = take(counter); at < blocks.length; at = take(counter)) {
        const [from, to] = blocks[at]!
        kernels.addOuterProducts(job.parts + at * k * k * 8, job.data + from * k * 4, to - from, k)
      }
      return
    }
    case 'wasm-half': {
      const { rows, starts, indices, values, fixed, solved, panels, lambdas, longest, steps } = job
      const scratch = job.scratch + Atomics.add(counter, 1, 1) * job.scratchBytes
      for (let from = take(counter) * rowsOfBlock; from < rows; from = take(counter) * rowsOfBlock) {
        const to = Math.min(rows, from + rowsOfBlock)
        if (job.method === 'ials++') {
          kernels.sweepRows(from, to, starts, indices, values, fixed, solved, k, panels, lambdas, longest, scratch)
        } else {
          kernels.solveRows(from, to, starts, indices, values, fixed, solved, k, panels, lambdas, steps, scratch)
        }
      }
      return
    }
    case 'wasm-ridge':
      runRidgeStep(job, kernels, () => take(counter))
  }
}

/** Small enough that threads finish together, large enough that the counter costs nothing. */
const rowsOfBlock = 64

function take(counter: Int32Array): number {
  return Atomics.add(counter, 0, 1)
}
