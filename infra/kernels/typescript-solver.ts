import { foldIn } from '#schemas/math/fold-in.ts'
import { scanTopK } from '#schemas/math/top-k.ts'
import { addInto, gramianBlocks, mirrorLower } from '#schemas/math/gramian.ts'
import type { Solver, SparseRows } from '#schemas/ports/solver.ts'
import { runSolverJob, type SolverJob } from './solver-job.ts'
import { solverPool, type SolverThreads } from './solver-pool.ts'

/** The Solver in readable TypeScript: the specification that faster kernels are held to. */
export function typescriptSolver(options: SolverThreads = {}): Solver {
  const pool = solverPool(options)

  return {
    async gramian(factors) {
      const { k, rows } = factors
      const blocks = gramianBlocks(rows).length
      const parts = new Float64Array(new SharedArrayBuffer(blocks * k * k * Float64Array.BYTES_PER_ELEMENT))
      await run({ type: 'gramian', factors: { ...factors, data: floats(factors.data) }, parts, counter: nextBlock() })
      const total = new Float64Array(k * k)
      for (let at = 0; at < blocks; at++) addInto(total, parts.subarray(at * k * k, (at + 1) * k * k))
      mirrorLower(total, k)
      return total
    },
    async solveHalf(options) {
      const { interactions, fixed, solved } = options
      const data = floats(solved.data)
      const half = {
        ...options,
        interactions: seen(interactions),
        fixed: { ...fixed, data: floats(fixed.data) },
        solved: { ...solved, data },
      }
      await run({ type: 'half', half, counter: nextBlock() })
      if (data !== solved.data) solved.data.set(data)
    },
    async solveRidge({ features, targets, lambda }) {
      const problem = { features: seen(features), targets: { ...targets, data: floats(targets.data) }, lambda }
      const weights = floats(new Float32Array(features.columns * targets.k))
      await run({ type: 'ridge', problem, weights, counter: nextBlock() })
      return pool === undefined ? weights : new Float32Array(weights)
    },
    foldIn,
    scanTopK,
    async close() {
      await pool?.close()
    },
  }

  async function run(job: SolverJob): Promise<void> {
    if (pool === undefined) runSolverJob(job)
    else await pool.run(job)
  }

  function seen(rows: SparseRows): SparseRows {
    const { starts, indices, values } = rows
    return { ...rows, starts: integers(starts), indices: integers(indices), values: floats(values) }
  }

  /** The array itself where the job's threads can see it, else a copy that they can. */
  function floats(array: Float32Array): Float32Array {
    if (pool === undefined || array.buffer instanceof SharedArrayBuffer) return array
    const copy = new Float32Array(new SharedArrayBuffer(array.byteLength))
    copy.set(array)
    return copy
  }

  function integers(array: Uint32Array): Uint32Array {
    if (pool === undefined || array.buffer instanceof SharedArrayBuffer) return array
    const copy = new Uint32Array(new SharedArrayBuffer(array.byteLength))
    copy.set(array)
    return copy
  }
}

function nextBlock(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
}
