import { afterAll, describe, expect, test } from 'vitest'
import { randomFactors, randomInteractions } from '#schemas/math/random-problem.fixture.ts'
import { gramian } from '#schemas/math/gramian.ts'
import { solverContract } from '#schemas/ports/solver.contract.ts'
import { typescriptSolver } from './typescript-solver.ts'

const worker = new URL('../app/workers/solver.ts', import.meta.url)

solverContract('the calling thread', () => typescriptSolver())
solverContract('two worker threads', () => typescriptSolver({ threads: 2, worker }))

describe('typescriptSolver', () => {
  const solvers = [typescriptSolver(), ...[1, 3].map((threads) => typescriptSolver({ threads, worker }))]
  afterAll(async () => {
    for (const solver of solvers) await solver.close()
  })

  test('gives the same bytes for any number of threads', async () => {
    const interactions = randomInteractions({ rows: 700, columns: 50, seed: 5 })
    const fixed = randomFactors(50, 16, 6)
    const regularisation = { alpha0: 0.1, lambda: 0.01, nu: 1 }
    const runs = await Promise.all(
      solvers.map(async (solver) => {
        const solved = randomFactors(700, 16, 7)
        const options = { interactions, fixed, solved, regularisation, cgSteps: 3 }
        await solver.solveHalf({ ...options, gramian: await solver.gramian(fixed) })
        return { solved: solved.data, gramian: await solver.gramian(randomFactors(5_000, 16, 8)) }
      }),
    )
    expect(runs[1]).toEqual(runs[0])
    expect(runs[2]).toEqual(runs[0])
    expect(runs[0]!.gramian).toEqual(gramian(randomFactors(5_000, 16, 8)))
    expect(runs[0]!.solved).not.toEqual(randomFactors(700, 16, 7).data)
  })

  test('solves in place where the factors are in shared memory', async () => {
    const interactions = randomInteractions({ rows: 100, columns: 20, seed: 5 })
    const fixed = randomFactors(20, 4, 6)
    const own = randomFactors(100, 4, 7)
    const data = new Float32Array(new SharedArrayBuffer(own.data.byteLength))
    data.set(own.data)
    const options = { interactions, fixed, gramian: gramian(fixed), cgSteps: 3 }
    const regularisation = { alpha0: 0.1, lambda: 0.01, nu: 1 }
    await solvers[1]!.solveHalf({ ...options, regularisation, solved: { ...own, data } })
    await solvers[0]!.solveHalf({ ...options, regularisation, solved: own })
    expect([...data]).toEqual([...own.data])
  })

  test('refuses threads without the entry file of its workers', () => {
    expect(() => typescriptSolver({ threads: 2 })).toThrow(expect.objectContaining({ code: 'configuration-invalid' }))
  })

  test('rejects when a thread cannot start, and after close', async () => {
    const broken = typescriptSolver({ threads: 2, worker: new URL('./missing-worker.ts', import.meta.url) })
    const factors = randomFactors(3, 2, 1)
    await expect(broken.gramian(factors)).rejects.toMatchObject({ code: 'broken-invariant' })
    await broken.close()
    await expect(broken.gramian(factors)).rejects.toMatchObject({ code: 'stopped' })
  })

  test('a job under way at close rejects as stopped', async () => {
    const closing = typescriptSolver({ threads: 1, worker })
    const job = closing.gramian(randomFactors(20_000, 32, 1))
    const outcome = job.catch((error: unknown) => error)
    await closing.close()
    expect(await outcome).toMatchObject({ code: 'stopped' })
  })
})
