import type { Solver } from '#schemas/ports/solver.ts'
import { kernelModule } from './kernel-module.ts'
import type { SolverThreads } from './solver-pool.ts'
import { typescriptSolver } from './typescript-solver.ts'
import { wasmSolver } from './wasm-solver.ts'

export const kernelChoices = ['auto', 'wasm', 'typescript'] as const

export type KernelChoice = (typeof kernelChoices)[number]

/** The Solver asked for; `auto` is WebAssembly where this Node.js can run it. */
export function solverWith(kernels: KernelChoice, threads: SolverThreads = {}): Solver {
  switch (kernels) {
    case 'wasm':
      return wasmSolver(threads)
    case 'typescript':
      return typescriptSolver(threads)
    case 'auto':
      return kernelModule() === undefined ? typescriptSolver(threads) : wasmSolver(threads)
  }
}
