import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { denseSystem, eliminate } from '../math/dense-system.fixture.ts'
import { randomFactors, randomInteractions } from '../math/random-problem.fixture.ts'
import { seededRandom } from '../math/random.ts'
import type { FoldInModel, Interactions, Regularisation, Solver } from './solver.ts'

/** Declares the suite every Solver passes. Expectations come from Gaussian elimination on systems written out densely. */
export function solverContract(name: string, create: () => Solver): void {
  describe(`Solver on ${name}`, () => {
    const solver = create()
    afterAll(() => solver.close())
    const regularisation: Regularisation = { alpha0: 0.3, lambda: 0.05, nu: 0.8 }

    test('the Gramian is the sum of outer products, both triangles', async () => {
      const found = await solver.gramian({ rows: 3, k: 2, data: Float32Array.of(1, 2, 3, 4, -1, 0.5) })
      expect([...found]).toEqual([11, 13.5, 13.5, 20.25])
      expect([...(await solver.gramian({ rows: 0, k: 2, data: new Float32Array(0) }))]).toEqual([0, 0, 0, 0])
    })

    test('enough steps of a half-iteration reach the exact solution of every row', async () => {
      const k = 7
      const interactions = randomInteractions({ rows: 150, columns: 40, seed: 3 })
      const fixed = randomFactors(40, k, 1)
      const solved = randomFactors(150, k, 2)
      const gramian = await solver.gramian(fixed)
      await solver.solveHalf({ interactions, fixed, solved, gramian, regularisation, cgSteps: 3 * k })
      for (let row = 0; row < 150; row++) {
        const { matrix, side } = denseSystem(interactions, row, fixed, regularisation)
        const exact = eliminate(matrix, side)
        for (let i = 0; i < k; i++) expect(solved.data[row * k + i]).toBeCloseTo(exact[i]!, 5)
      }
    })

    test('enough sweeps of iALS++ reach it too, and the first is no step of conjugate gradient', async () => {
      const k = 11
      const interactions = randomInteractions({ rows: 30, columns: 40, seed: 3 })
      const fixed = randomFactors(40, k, 1)
      const solved = randomFactors(30, k, 2)
      const gramian = await solver.gramian(fixed)
      const half = { interactions, fixed, gramian, regularisation, cgSteps: 1 }
      await solver.solveHalf({ ...half, solved, method: 'ials++' })
      const stepped = randomFactors(30, k, 2)
      await solver.solveHalf({ ...half, solved: stepped })
      expect(solved.data).not.toEqual(stepped.data)
      for (let sweep = 0; sweep < 150; sweep++) await solver.solveHalf({ ...half, solved, method: 'ials++' })
      for (let row = 0; row < 30; row++) {
        const { matrix, side } = denseSystem(interactions, row, fixed, regularisation)
        const exact = eliminate(matrix, side)
        for (let i = 0; i < k; i++) expect(solved.data[row * k + i]).toBeCloseTo(exact[i]!, 4)
      }
    })

    test.each(['cg', 'ials++'] as const)(
      'by %s rows without entries become zero, and nothing is NaN',
      async (method) => {
        const k = 3
        const interactions: Interactions = {
          rows: 3,
          columns: 1,
          starts: Uint32Array.of(0, 0, 1, 1),
          indices: Uint32Array.of(0),
          values: Float32Array.of(2),
        }
        const fixed = randomFactors(1, k, 1)
        const solved = randomFactors(3, k, 2)
        const gramian = await solver.gramian(fixed)
        await solver.solveHalf({ interactions, fixed, solved, gramian, regularisation, cgSteps: 3, method })
        expect([...solved.data.subarray(0, k), ...solved.data.subarray(2 * k)]).toEqual([0, 0, 0, 0, 0, 0])
        expect(solved.data.every(Number.isFinite)).toBe(true)
        expect(solved.data.subarray(k, 2 * k).some((value) => value !== 0)).toBe(true)
      },
    )

    test('a half-iteration starts from the present factors: none of it, nothing changes', async () => {
      const interactions = randomInteractions({ rows: 20, columns: 10, seed: 4 })
      const fixed = randomFactors(10, 4, 1)
      const solved = randomFactors(20, 4, 2)
      const before = solved.data.slice()
      const gramian = await solver.gramian(fixed)
      await solver.solveHalf({ interactions, fixed, solved, gramian, regularisation, cgSteps: 0 })
      for (let row = 0; row < 20; row++) {
        if (interactions.starts[row] === interactions.starts[row + 1]) continue
        expect(solved.data.subarray(row * 4, row * 4 + 4)).toEqual(before.subarray(row * 4, row * 4 + 4))
      }
    })

    describe('ridge regression', () => {
      const lambda = 0.7

      test.each([
        ['many rows', 150, 40],
        ['as many rows as columns', 33, 33],
        ['more columns than rows, of several tiles', 70, 190],
      ])('is the exact solution for %s', async (_, rows, columns) => {
        const k = 5
        const features = randomInteractions({ rows, columns, seed: 3 })
        const targets = randomFactors(rows, k, 4)
        const weights = await solver.solveRidge({ features, targets, lambda })
        expect(weights).toHaveLength(columns * k)
        // Where the gradient Fᵀ(F W − Y) + λ W is zero, the sum of squares is least.
        const gradient = Array.from(weights, (weight) => lambda * weight)
        for (let row = 0; row < rows; row++) {
          const entries = Array.from(
            features.indices.subarray(features.starts[row], features.starts[row + 1]),
            (column, i) => ({ column, value: features.values[features.starts[row]! + i]! }),
          )
          for (let c = 0; c < k; c++) {
            const predicted = entries.reduce((sum, { column, value }) => sum + value * weights[column * k + c]!, 0)
            const error = predicted - targets.data[row * k + c]!
            for (const { column, value } of entries) gradient[column * k + c]! += value * error
          }
        }
        expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-3)
      })

      test('is zero for columns that no row has, and without rows', async () => {
        const features = randomInteractions({ rows: 40, columns: 10, seed: 3 })
        const targets = randomFactors(40, 3, 4)
        const wide = await solver.solveRidge({ features: { ...features, columns: 12 }, targets, lambda })
        expect([...wide.subarray(30)]).toEqual([0, 0, 0, 0, 0, 0])
        expect(wide.subarray(0, 30).every((weight) => weight !== 0)).toBe(true)
        const none = randomInteractions({ rows: 0, columns: 4, seed: 3 })
        expect(await solver.solveRidge({ features: none, targets: randomFactors(0, 3, 4), lambda })).toEqual(
          new Float32Array(12),
        )
      })

      test('refuses what is not a number', async () => {
        const features = randomInteractions({ rows: 40, columns: 10, seed: 3 })
        features.values[5] = NaN
        const solving = solver.solveRidge({ features, targets: randomFactors(40, 3, 4), lambda })
        await expect(solving).rejects.toMatchObject({ code: 'broken-invariant' })
      })
    })

    describe('fold-in', () => {
      const k = 8
      const items = randomFactors(60, k, 9)

      async function model(): Promise<FoldInModel> {
        return { ...regularisation, k, items: items.rows, gramian: await solver.gramian(items) }
      }

      test('is the exact solution, and its contributions sum to the score', async () => {
        const frozen = await model()
        fc.assert(
          fc.property(fc.integer({ min: 0, max: 90 }), fc.integer(), (count, seed) => {
            const random = seededRandom(seed)
            const vectors = randomFactors(count, k, seed).data
            const values = Float32Array.from({ length: count }, () => (random() - 0.3) * 10)
            const folded = solver.foldIn(frozen, vectors, values)
            const own: Interactions = {
              rows: 1,
              columns: count,
              starts: Uint32Array.of(0, count),
              indices: Uint32Array.from({ length: count }, (_, i) => i),
              values,
            }
            const history = { rows: count, k, data: vectors }
            const { matrix, side } = denseSystem(own, 0, history, regularisation, items)
            const exact = eliminate(matrix, side)
            for (let i = 0; i < k; i++) expect(folded.vector[i]).toBeCloseTo(exact[i]!, 5)
            const scores = folded.scores(items.data)
            for (let item = 0; item < items.rows; item++) {
              const parts = folded.contributions(items.data.subarray(item * k, (item + 1) * k))
              expect(Math.abs(parts.reduce((sum, part) => sum + part, 0) - scores[item]!)).toBeLessThan(1e-6)
            }
          }),
          { numRuns: 20 },
        )
      })

      test('what was disliked contributes nothing by itself, and lowers the score of its like', async () => {
        const frozen = await model()
        const vectors = Float32Array.from([...items.data.subarray(0, k), ...items.data.subarray(0, k)])
        const liked = solver.foldIn(frozen, vectors.subarray(0, k), Float32Array.of(4))
        const torn = solver.foldIn(frozen, vectors, Float32Array.of(4, -4))
        const query = items.data.subarray(0, k)
        expect(torn.contributions(query)[1]).toBe(0)
        expect(torn.scores(query)[0]!).toBeLessThan(liked.scores(query)[0]!)
      })

      test('confidence lies in [0, 1), grows with the history, and is 0 without one or for a zero query', async () => {
        const frozen = { ...(await model()), nu: 0 }
        const query = items.data.subarray(0, k)
        const confidences = [0, 1, 2, 5, 10, 20, 40, 60].map((count) => {
          const values = new Float32Array(count).fill(2)
          const folded = solver.foldIn(frozen, items.data.subarray(0, count * k), values)
          expect(folded.confidence(new Float32Array(k))).toBe(0)
          return folded.confidence(query)
        })
        expect(confidences[0]).toBe(0)
        expect(confidences).toEqual(confidences.toSorted((a, b) => a - b))
        expect(new Set(confidences).size).toBe(confidences.length)
        expect(confidences.at(-1)).toBeLessThan(1)
      })

      test('contributions and confidence are the same together as apart, of many items as of one', async () => {
        const values = Float32Array.from({ length: 30 }, (_, j) => (j % 4) - 1)
        const folded = solver.foldIn(await model(), items.data.subarray(0, 30 * k), values)
        const explained = folded.explained(items.data)
        expect(explained).toHaveLength(items.rows)
        for (const [item, { contributions, confidence }] of explained.entries()) {
          const query = items.data.subarray(item * k, (item + 1) * k)
          expect(contributions).toEqual(folded.contributions(query))
          expect(confidence).toBe(folded.confidence(query))
          expect(confidence).toBeGreaterThan(0)
          expect(folded.explained(query)).toEqual([{ contributions, confidence }])
        }
        expect(folded.explained(new Float32Array(0))).toEqual([])
      })

      test('an empty history gives the zero vector', async () => {
        const folded = solver.foldIn(await model(), new Float32Array(0), new Float32Array(0))
        expect([...folded.vector]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
        expect(folded.scores(items.data).every((score) => score === 0)).toBe(true)
        expect(folded.contributions(items.data.subarray(0, k))).toHaveLength(0)
      })
    })
  })
}
