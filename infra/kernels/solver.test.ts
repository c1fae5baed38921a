import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { foldIn } from '#schemas/math/fold-in.ts'
import { randomFactors, randomInteractions } from '#schemas/math/random-problem.fixture.ts'
import { gramian } from '#schemas/math/gramian.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { growingRows } from '#schemas/math/sparse-rows.ts'
import { scanTopK } from '#schemas/math/top-k.ts'
import { workspace } from '#schemas/math/workspace.ts'
import { solverContract } from '#schemas/ports/solver.contract.ts'
import type { SparseRows } from '#schemas/ports/solver.ts'
import { kernelModule } from './kernel-module.ts'
import { solverWith } from './solver.ts'
import type { SolverThreads } from './solver-pool.ts'

const worker = new URL('../app/workers/solver.ts', import.meta.url)

const variants = ['typescript', 'wasm'] as const

for (const variant of variants) {
  solverContract(`${variant} on the calling thread`, () => solverWith(variant))
  solverContract(`${variant} on two worker threads`, () => solverWith(variant, { threads: 2, worker }))
}

describe.each(variants)('The %s solver', (variant) => {
  const create = (threads?: SolverThreads) => solverWith(variant, threads)
  const solvers = [create(), ...[1, 3].map((threads) => create({ threads, worker }))]
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
        const swept = randomFactors(700, 16, 7)
        const half = { ...options, solved: swept, method: 'ials++' as const }
        await solver.solveHalf({ ...half, gramian: await solver.gramian(fixed) })
        const features = randomInteractions({ rows: 200, columns: 150, seed: 9 })
        const weights = await solver.solveRidge({ features, targets: randomFactors(200, 20, 3), lambda: 0.1 })
        const products = await solver.gramian(randomFactors(5_000, 16, 8))
        return { solved: solved.data, swept: swept.data, gramian: products, weights }
      }),
    )
    expect(runs[1]).toEqual(runs[0])
    expect(runs[2]).toEqual(runs[0])
    expect(runs[0]!.solved).not.toEqual(randomFactors(700, 16, 7).data)
  })

  test('solves in place where the factors are in a workspace', async () => {
    const interactions = randomInteractions({ rows: 100, columns: 20, seed: 5 })
    const fixed = randomFactors(20, 4, 6)
    const own = randomFactors(100, 4, 7)
    const data = workspace().floats(own.data.length)
    data.set(own.data)
    const options = { interactions, fixed, gramian: gramian(fixed), cgSteps: 3 }
    const regularisation = { alpha0: 0.1, lambda: 0.01, nu: 1 }
    await solvers[1]!.solveHalf({ ...options, regularisation, solved: { ...own, data } })
    await solvers[0]!.solveHalf({ ...options, regularisation, solved: own })
    expect([...data]).toEqual([...own.data])
  })

  test('refuses threads without the entry file of its workers', () => {
    expect(() => create({ threads: 2 })).toThrow(expect.objectContaining({ code: 'configuration-invalid' }))
  })

  test('rejects when a thread cannot start, and after close', async () => {
    const broken = create({ threads: 2, worker: new URL('./missing-worker.ts', import.meta.url) })
    const factors = randomFactors(3, 2, 1)
    await expect(broken.gramian(factors)).rejects.toMatchObject({ code: 'broken-invariant' })
    await broken.close()
    await expect(broken.gramian(factors)).rejects.toMatchObject({ code: 'stopped' })
  })

  test('a job under way at close rejects as stopped', async () => {
    const closing = create({ threads: 1, worker })
    const job = closing.gramian(randomFactors(20_000, 32, 1))
    const outcome = job.catch((error: unknown) => error)
    await closing.close()
    expect(await outcome).toMatchObject({ code: 'stopped' })
  })
})

describe('The solvers agree', () => {
  const typescript = solverWith('typescript')
  const wasm = solverWith('wasm')

  const factors = [1, 5, 8, 12, 32, 50, 64, 72, 128, 256]
  const halves = (['cg', 'ials++'] as const).flatMap((method) => factors.map((k) => ({ method, k })))

  test.each(halves)('within float32 rounding by $method at $k factors', async ({ method, k }) => {
    const interactions = randomInteractions({ rows: 30, columns: 90, seed: k })
    const fixed = randomFactors(90, k, 6)
    const regularisation = { alpha0: 0.1, lambda: 0.05, nu: 1 }
    const [readable, fast] = await Promise.all(
      [typescript, wasm].map(async (solver) => {
        const solved = randomFactors(30, k, 7)
        const products = await solver.gramian(fixed)
        const options = { interactions, fixed, solved, gramian: products, regularisation, cgSteps: 3, method }
        await solver.solveHalf(options)
        return { solved: solved.data, gramian: products }
      }),
    )
    expect(farthest(fast!.solved, readable!.solved)).toBeLessThan(1e-4)
    expect(farthest(fast!.gramian, readable!.gramian)).toBeLessThan(1e-5)
    expect(readable!.gramian).toEqual(gramian(fixed))
    // Float32 and float64 round apart: equal bytes would mean that one solver was compared with itself.
    expect(fast!.solved).not.toEqual(readable!.solved)
  })

  test.each([1, 5, 8, 20, 64, 256])('on a fold-in of %i factors, also after others took its place', async (k) => {
    const items = randomFactors(40, k, 9)
    const model = { alpha0: 0.3, lambda: 0.05, nu: 0.8, k, items: 40, gramian: gramian(items) }
    const values = Float32Array.from({ length: 40 }, (_, j) => (j % 4) - 1.5)
    const queries = randomFactors(6, k, 4).data
    const [readable, fast] = [typescript, wasm].map((solver) => solver.foldIn(model, items.data, values))
    for (let n = 0; n < 20; n++) wasm.foldIn(model, items.data.subarray(0, n * k), values.subarray(0, n))
    expect(farthest(fast!.vector, readable!.vector)).toBeLessThan(1e-6)
    const found = fast!.explained(queries)
    for (const [i, expected] of readable!.explained(queries).entries()) {
      expect(farthest(found[i]!.contributions, expected.contributions)).toBeLessThan(1e-5)
      expect(found[i]!.confidence).toBeCloseTo(expected.confidence, 9)
      const query = queries.subarray(i * k, (i + 1) * k)
      expect(fast!.contributions(query)).toEqual(found[i]!.contributions)
      expect(fast!.confidence(query)).toBe(found[i]!.confidence)
    }
    expect(Reflect.get(wasm, 'foldIn')).not.toBe(Reflect.get(typescript, 'foldIn'))
  })

  test.each([
    [8, 400, 300],
    [20, 300, 400],
    [65, 150, 100],
    [256, 100, 70],
  ])('on a ridge regression of %i targets, %i rows and %i columns', async (k, rows, columns) => {
    const features = nearlySingular(rows, columns, k)
    const [readable, fast] = await Promise.all(
      [typescript, wasm].map((solver) =>
        solver.solveRidge({ features, targets: randomFactors(rows, k, 2), lambda: 1e-6 }),
      ),
    )
    expect(farthest(fast!, readable!)).toBeLessThan(1e-4)
    // Both compute in float64, but sum in another order: where that shows in float32, two solvers were compared.
    expect(fast).not.toEqual(readable)
  })

  test('and WebAssembly is what is chosen here', () => {
    expect(kernelModule()).toBeDefined()
    expect(solverWith('auto').scanTopK).not.toBe(scanTopK)
    expect(solverWith('typescript').scanTopK).toBe(scanTopK)
  })

  test('where WebAssembly lacks SIMD or threads all of them are the readable ones', async () => {
    const validate = vi.spyOn(WebAssembly, 'validate').mockReturnValue(false)
    onTestFinished(() => validate.mockRestore())
    const solver = solverWith('auto')
    expect(solver.scanTopK).toBe(scanTopK)
    expect(Reflect.get(solver, 'foldIn')).toBe(foldIn)
    const features = nearlySingular(80, 60, 3)
    const problem = { features, targets: randomFactors(80, 9, 2), lambda: 1e-6 }
    expect(await solver.solveRidge(problem)).toEqual(await typescript.solveRidge(problem))
    expect(() => solverWith('wasm')).toThrow(expect.objectContaining({ code: 'configuration-invalid' }))
  })

  test('a ridge regression in WebAssembly lets the event loop go on, also without threads', async () => {
    let turns = 0
    let isSolving = true
    const turn = () => {
      turns++
      if (isSolving) setImmediate(turn)
    }
    setImmediate(turn)
    const features = randomInteractions({ rows: 700, columns: 640, seed: 1 })
    await wasm.solveRidge({ features, targets: randomFactors(700, 8, 2), lambda: 1 })
    isSolving = false
    expect(turns).toBeGreaterThanOrEqual(10)
  })
})

/** Sparse rows in pairs, of columns in pairs, that are nearly the same: rounding becomes visible in what is solved by them. */
function nearlySingular(rows: number, columns: number, seed: number): SparseRows {
  const half = randomInteractions({ rows: rows / 2, columns: columns / 2, seed })
  const random = seededRandom(seed)
  const growing = growingRows(columns)
  for (let row = 0; row < rows; row++) {
    const [from, to] = [half.starts[row >> 1]!, half.starts[(row >> 1) + 1]!]
    const own = half.indices.subarray(from, to)
    growing.add({
      indices: Uint32Array.from([...own, ...own.map((column) => column + columns / 2)]),
      values: Float32Array.from({ length: 2 * own.length }, (_, i) => {
        return half.values[from + (i % own.length)]! * (1 + random() / 1e4)
      }),
    })
  }
  return growing.rows()
}

/** Largest difference of two entries, relative to the largest entry. */
function farthest(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const size = Math.max(...Array.from(expected, Math.abs))
  return Math.max(...Array.from(expected, (value, i) => Math.abs(value - found[i]!))) / size
}
