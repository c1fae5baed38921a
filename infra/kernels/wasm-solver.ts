import { MillraceError } from '#schemas/errors.ts'
import { addInto, gramianBlocks, mirrorLower } from '#schemas/math/gramian.ts'
import { scaledLambda } from '#schemas/math/regularisation.ts'
import { workspace, workspaceOf } from '#schemas/math/workspace.ts'
import type { Interactions, Regularisation, Solver } from '#schemas/ports/solver.ts'
import { borrowed, type Borrowed } from './borrowed.ts'
import { kernelModule, kernelsOn } from './kernel-module.ts'
import { solverPool, type SolverThreads } from './solver-pool.ts'
import { wasmScan } from './wasm-scan.ts'
import { wasmFoldIn } from './wasm-fold-in.ts'
import { wasmRidge } from './wasm-ridge.ts'
import { runWasmJob, type WasmJob } from './wasm-job.ts'

/**
 * The Solver in WebAssembly with SIMD: the steps of the TypeScript twin in f32. What lies in one workspace is worked on in
 * place where k is a multiple of 8; anything else is copied there and back. Throws `configuration-invalid` where this
 * Node.js cannot run the kernels.
 */
export function wasmSolver(options: SolverThreads = {}): Solver {
  const module = kernelModule()
  if (module === undefined) {
    throw new MillraceError('configuration-invalid', 'This Node.js cannot run the WebAssembly kernels')
  }
  const pool = solverPool(options)

  return {
    async gramian(factors) {
      const { rows, k } = factors
      const memory = borrowed(workspaceOf(factors.data) ?? workspace())
      try {
        const width = padded(k)
        const blocks = gramianBlocks(rows).length
        const data = memory.rows(factors, width)
        const parts = memory.doubles(blocks * width * width).fill(0)
        await run({ type: 'wasm-gramian', ...shared(memory), k: width, rows, data, parts: parts.byteOffset })
        const total = new Float64Array(width * width)
        for (let at = 0; at < blocks; at++) addInto(total, parts.subarray(at * width * width, (at + 1) * width * width))
        mirrorLower(total, width)
        return narrowed(total, width, k)
      } finally {
        memory.giveBack()
      }
    },
    async solveHalf({ interactions, fixed, solved, gramian, regularisation, cgSteps, method = 'cg' }) {
      const memory = borrowed(workspaceOf(interactions.indices) ?? workspaceOf(fixed.data) ?? workspace())
      try {
        const width = padded(fixed.k)
        const longest = longestRow(interactions)
        const kernels = kernelsOn(module, memory.memory)
        const scratchBytes =
          method === 'ials++' ? kernels.sweepRowsScratch(width, longest) : kernels.solveRowsScratch(width)
        const job: WasmJob = {
          type: 'wasm-half',
          method,
          ...shared(memory),
          k: width,
          rows: interactions.rows,
          starts: memory.integers(interactions.starts),
          indices: memory.integers(interactions.indices),
          values: memory.floats(interactions.values),
          fixed: memory.rows(fixed, width),
          solved: memory.rows(solved, width),
          panels: memory.floats(panelsOf(gramian, fixed.k, width, regularisation.alpha0)),
          lambdas: memory.floats(lambdasOf(longest, fixed.rows, regularisation)),
          longest,
          steps: cgSteps,
          scratch: memory.doubles((Math.max(1, options.threads ?? 0) * scratchBytes) / 8).byteOffset,
          scratchBytes,
        }
        await run(job)
        memory.copyRows(job.solved, width, solved)
      } finally {
        memory.giveBack()
      }
    },
    foldIn: wasmFoldIn(module),
    solveRidge: wasmRidge(module, run),
    scanTopK: wasmScan(module),
    async close() {
      await pool?.close()
    },
  }

  function shared({ memory }: Borrowed) {
    return { module: module!, memory, counter: new Int32Array(new SharedArrayBuffer(8)) }
  }

  async function run(job: WasmJob): Promise<void> {
    if (pool === undefined) runWasmJob(job)
    else await pool.run(job)
  }
}

/** The kernels' vectors are whole groups of eight numbers; those added are zero and stay so. */
function padded(k: number): number {
  return Math.ceil(k / 8) * 8
}

function narrowed(matrix: Float64Array, width: number, k: number): Float64Array {
  if (width === k) return matrix
  return Float64Array.from({ length: k * k }, (_, i) => matrix[Math.floor(i / k) * width + (i % k)]!)
}

/** α0 YᵀY in panels of eight columns: panel p holds row after row of columns [8p, 8p + 8). */
function panelsOf(gramian: Float64Array, k: number, width: number, alpha0: number): Float32Array {
  const panels = new Float32Array(width * width)
  for (let row = 0; row < k; row++) {
    for (let column = 0; column < k; column++) {
      panels[(column - (column % 8)) * width + row * 8 + (column % 8)] = alpha0 * gramian[row * k + column]!
    }
  }
  return panels
}

/** λ of a row by its number of entries, up to the most. */
function lambdasOf(longest: number, others: number, regularisation: Regularisation): Float32Array {
  return Float32Array.from({ length: longest + 1 }, (_, entries) => scaledLambda(entries, others, regularisation))
}

function longestRow({ rows, starts }: Interactions): number {
  let longest = 0
  for (let row = 0; row < rows; row++) longest = Math.max(longest, starts[row + 1]! - starts[row]!)
  return longest
}
