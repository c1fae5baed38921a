import { transposed } from '#schemas/math/transposed.ts'
import { solverWith } from '#infra/kernels/solver.ts'
import { workspace, workspaceOf } from '#schemas/math/workspace.ts'
import type { Factors, Interactions } from '#schemas/ports/solver.ts'
import { workerEntry } from '../../app/workers/entry.ts'

/** A fit of iALS with α0 = 1, ν = 0 and one confidence for every entry; users begin at zero. */
export interface FitOrder {
  /** By user, in a workspace; every value is `confidence`. */
  readonly matrix: Interactions
  readonly confidence: number
  /** The first item factors. */
  readonly first: Factors
  readonly lambda: number
  readonly iterations: number
  readonly threads: number
  readonly cgSteps: number
}

export interface Fitted {
  readonly users: Factors
  readonly items: Factors
  readonly secondsPerIteration: readonly number[]
}

export interface OwnFitted extends Fitted {
  /** The workspace's memory against sparse rows both ways and factors. */
  readonly memoryRatio: number
}

/** Ours, with the steps of a training: an iteration is both half-iterations with their Gramians. */
export async function ownFit({ matrix, first, lambda, iterations, threads, cgSteps }: FitOrder): Promise<OwnFitted> {
  const solver = solverWith('wasm', { threads, worker: workerEntry('solver') })
  const space = workspaceOf(matrix.indices) ?? workspace()
  const { k } = first
  const users = { rows: matrix.rows, k, data: space.floats(matrix.rows * k).fill(0) }
  const items = { rows: matrix.columns, k, data: space.floats(matrix.columns * k) }
  items.data.set(first.data)
  const byItem = transposed(matrix)
  const regularisation = { alpha0: 1, lambda, nu: 0 }
  const half = async (interactions: Interactions, fixed: Factors, solved: Factors) => {
    const gramian = await solver.gramian(fixed)
    await solver.solveHalf({ interactions, fixed, solved, gramian, regularisation, cgSteps })
  }
  const secondsPerIteration: number[] = []
  for (let iteration = 0; iteration < iterations; iteration++) {
    const began = performance.now()
    await half(matrix, items, users)
    await half(byItem, users, items)
    secondsPerIteration.push((performance.now() - began) / 1000)
  }
  await solver.close()
  const held = [matrix, byItem].flatMap(({ starts, indices, values }) => [starts, indices, values])
  const needed = [...held, users.data, items.data].reduce((sum, { byteLength }) => sum + byteLength, 0)
  const memoryRatio = space.memory.buffer.byteLength / needed
  const own = ({ rows, data }: Factors): Factors => ({ rows, k, data: new Float32Array(data) })
  const fitted = { users: own(users), items: own(items), secondsPerIteration, memoryRatio }
  for (const array of [users.data, items.data, byItem.starts, byItem.indices, byItem.values]) space.release(array)
  return fitted
}
