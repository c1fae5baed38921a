import { solverWith } from '#infra/kernels/solver.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { Config } from './config-keys.ts'
import { kernelChoiceOf } from './config.ts'
import { workerEntry } from './workers/entry.ts'

/** The Solver as configured. Without threads, 0, it computes on the calling thread: right for fold-ins. */
export function solverOf(config: Pick<Config, 'kernels'>, threads = 0): Solver {
  return solverWith(kernelChoiceOf(config), { threads, worker: workerEntry('solver') })
}
