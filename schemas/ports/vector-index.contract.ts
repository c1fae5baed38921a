import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../math/random.ts'
import type { CreateVectorIndex, Neighbours, VectorIndex } from './vector-index.ts'

const dimension = 8

type Step =
  | { readonly type: 'upsert'; readonly slot: number; readonly seed: number }
  | { readonly type: 'remove'; readonly slot: number }
  | { readonly type: 'rebuild'; readonly awaited: boolean }
  | { readonly type: 'search'; readonly seed: number; readonly k: number }

const slot = fc.nat(40)
const seed = fc.nat(1_000)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('upsert' as const), slot, seed }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('remove' as const), slot }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('rebuild' as const), awaited: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('search' as const), seed, k: fc.integer({ min: 1, max: 50 }) }),
  },
)

/** `runs` random lives are lived: few where every rebuild starts a thread. */
export function vectorIndexContract(name: string, create: CreateVectorIndex, runs: number): void {
  describe(`VectorIndex: ${name}`, () => {
    it('answers as a naive scan of what was last put in, whatever is put, removed and rebuilt', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(slot, { maxLength: 30 }), fc.array(step, { maxLength: 40 }), async (first, steps) => {
          const model = new Map(first.map((slot) => [slot, vectorOf(slot)]))
          const index = await create({ dimension, ...rowsOf(model) })
          const rebuilds: Promise<void>[] = []
          for (const taken of steps) {
            switch (taken.type) {
              case 'upsert':
                model.set(taken.slot, vectorOf(taken.seed))
                index.upsert(taken.slot, vectorOf(taken.seed))
                break
              case 'remove':
                model.delete(taken.slot)
                index.remove(taken.slot)
                break
              case 'rebuild': {
                const rebuilt = index.rebuild()
                rebuilds.push(rebuilt)
                if (taken.awaited) await rebuilt
                break
              }
              case 'search':
                expectExact(index, model, vectorOf(taken.seed), taken.k)
            }
          }
          await Promise.all(rebuilds)
          expectExact(index, model, vectorOf(1_001), 50)
          await index.rebuild()
          expectExact(index, model, vectorOf(1_002), 50)
          const { base, overlay, masked } = index.size()
          expect(base + overlay - masked).toBe(model.size)
          await index.close()
        }),
        { numRuns: runs },
      )
    })

    it('finds at least 95 of 100 of the ten best among thousands, of which some have moved and some are gone', async () => {
      const model = new Map(Array.from({ length: 3_000 }, (_, slot) => [slot, vectorOf(slot)]))
      const index = await create({ dimension, ...rowsOf(model) })
      expect(recallAt10(index, model)).toBeGreaterThanOrEqual(0.95)
      for (let slot = 0; slot < 3_000; slot += 30) {
        model.set(slot, vectorOf(slot + 5_000))
        index.upsert(slot, vectorOf(slot + 5_000))
        model.delete(slot + 1)
        index.remove(slot + 1)
      }
      expect(recallAt10(index, model)).toBeGreaterThanOrEqual(0.95)
      await index.rebuild()
      expect(recallAt10(index, model)).toBeGreaterThanOrEqual(0.95)
      await index.close()
    })

    it('answers as a naive scan of what it is given, from whatever base it begins', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(slot, { maxLength: 30 }),
          fc.array(step, { maxLength: 20 }),
          fc.array(fc.tuple(slot, seed), { maxLength: 30 }),
          async (first, changes, second) => {
            const before = await create({ dimension, ...rowsOf(new Map(first.map((slot) => [slot, vectorOf(slot)]))) })
            const from = before.base()
            const model = new Map([...first.slice(3), ...second].map(vectorBySlot))
            const index = await create({ dimension, ...rowsOf(model), ...(from !== undefined && { from }) })
            await before.close()
            expectExact(index, model, vectorOf(1_001), 50)
            for (const taken of changes) {
              if (taken.type === 'upsert') {
                model.set(taken.slot, vectorOf(taken.seed))
                index.upsert(taken.slot, vectorOf(taken.seed))
              } else if (taken.type === 'remove') {
                model.delete(taken.slot)
                index.remove(taken.slot)
              }
            }
            expectExact(index, model, vectorOf(1_002), 50)
            await index.rebuild()
            expectExact(index, model, vectorOf(1_003), 50)
            const { base, overlay, masked } = index.size()
            expect(base + overlay - masked).toBe(model.size)
            await index.close()
          },
        ),
        { numRuns: runs },
      )
    })

    it('finds nothing in an empty index, and what is put in at once', async () => {
      const index = await create({ dimension, slots: new Uint32Array(), vectors: new Float32Array() })
      expect(index.search(vectorOf(1), 5).slots).toHaveLength(0)
      index.upsert(7, vectorOf(2))
      expect([...index.search(vectorOf(1), 5).slots]).toEqual([7])
      await index.close()
    })
  })
}

function vectorOf(seed: number): Float32Array {
  const random = seededRandom(seed)
  return Float32Array.from({ length: dimension }, () => random() + random() + random() - 1.5)
}

function vectorBySlot(given: number | [slot: number, seed: number]): [number, Float32Array] {
  return typeof given === 'number' ? [given, vectorOf(given)] : [given[0], vectorOf(given[1])]
}

function rowsOf(model: ReadonlyMap<number, Float32Array>): { slots: Uint32Array; vectors: Float32Array } {
  const vectors = new Float32Array(model.size * dimension)
  let row = 0
  for (const vector of model.values()) vectors.set(vector, row++ * dimension)
  return { slots: Uint32Array.from(model.keys()), vectors }
}

function score(query: Float32Array, vector: Float32Array): number {
  return vector.reduce((sum, value, i) => sum + value * query[i]!, 0)
}

function naiveScores(model: ReadonlyMap<number, Float32Array>, query: Float32Array, k: number): number[] {
  return Array.from(model.values(), (vector) => score(query, vector))
    .sort((a, b) => b - a)
    .slice(0, k)
}

function expectExact(index: VectorIndex, model: Map<number, Float32Array>, query: Float32Array, k: number): void {
  const best = naiveScores(model, query, k)
  const exact = index.searchExact(query, k)
  expectTrue(exact, model, query)
  expect(exact.slots).toHaveLength(best.length)
  for (const [rank, value] of best.entries()) expect(exact.scores[rank]).toBeCloseTo(value, 4)
  const found = index.search(query, k)
  expectTrue(found, model, query)
  expect(found.slots).toHaveLength(best.length)
}

/** Only what the index holds, each once, under its own score, best first. */
function expectTrue(found: Neighbours, model: ReadonlyMap<number, Float32Array>, query: Float32Array): void {
  expect(new Set(found.slots).size).toBe(found.slots.length)
  expect([...found.scores]).toEqual([...found.scores].sort((a, b) => b - a))
  for (const [rank, slot] of found.slots.entries()) {
    const vector = model.get(slot)
    expect(vector).toBeDefined()
    if (vector !== undefined) expect(found.scores[rank]).toBeCloseTo(score(query, vector), 4)
  }
}

function recallAt10(index: VectorIndex, model: ReadonlyMap<number, Float32Array>): number {
  let hits = 0
  for (let query = 0; query < 50; query++) {
    const sought = vectorOf(10_000 + query)
    const worst = naiveScores(model, sought, 10)[9]!
    const found = index.search(sought, 10)
    expectTrue(found, model, sought)
    hits += found.scores.filter((value) => value >= worst - 1e-5).length
  }
  return hits / 500
}
