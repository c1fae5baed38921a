import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '#schemas/math/random.ts'
import { reachOf, scanTopK } from '#schemas/math/top-k.ts'
import { workspace } from '#schemas/math/workspace.ts'
import { kernelModule, kernelsOn } from './kernel-module.ts'
import { quantisedRows } from './quantised-rows.ts'
import { wasmScan } from './wasm-scan.ts'

const module = kernelModule()!
const scans = { f32: wasmScan(module, { quantise: false }), int8: wasmScan(module) }

/** Vectors by falling length, some of them twice and many alike but for their last bits, so that scores tie and nearly tie. */
function crowded(count: number, k: number, seed: number) {
  const random = seededRandom(seed)
  const centre = Float32Array.from({ length: k }, () => 2 * random() - 1)
  const rows = Array.from({ length: count }, (_, row) => {
    const spread = [0, 1e-7, 1e-5, 1][row % 4]!
    return centre.map((value) => (value + spread * (2 * random() - 1)) * (1 + Math.floor((count - row) / 16)))
  })
  const lengthOf = (row: Float32Array) => Math.hypot(...row)
  rows.sort((a, b) => lengthOf(b) - lengthOf(a))
  const vectors = workspace().floats(count * k)
  for (const [row, vector] of rows.entries()) vectors.set(vector, row * k)
  return { vectors, reach: reachOf(Float64Array.from(rows, lengthOf)), random }
}

describe.each(Object.entries(scans))('The scan in WebAssembly by %s', (_, scan) => {
  test('finds what the readable one finds, to the bit, among vectors that hardly differ', () => {
    const shapes = fc.record({
      count: fc.integer({ min: 1, max: 900 }),
      k: fc.constantFrom(1, 3, 8, 13, 24, 50, 64),
      best: fc.integer({ min: 0, max: 40 }),
      isKnown: fc.boolean(),
      seed: fc.integer(),
    })
    fc.assert(
      fc.property(shapes, ({ count, k, best, isKnown, seed }) => {
        const { vectors, reach, random } = crowded(count, k, seed)
        const query = Float32Array.from({ length: k }, () => 2 * random() - 1)
        const skip = Uint8Array.from({ length: count }, () => (random() < 0.2 ? 1 : 0))
        const found = scan(query, vectors, count, best, skip, isKnown ? reach : undefined)
        expect(found).toEqual(scanTopK(query, vectors, count, best, skip))
      }),
      { numRuns: 60 },
    )
  })

  test.each([8, 10, 20, 64, 100, 128, 256, 520])('finds the same at %i dimensions, scan after scan', (k) => {
    const count = 3_000
    const { vectors, reach, random } = crowded(count, k, k)
    for (let n = 0; n < 4; n++) {
      const query = Float32Array.from({ length: k }, () => 2 * random() - 1)
      expect(scan(query, vectors, count, 50, undefined, reach)).toEqual(scanTopK(query, vectors, count, 50))
    }
  })

  test('takes any vectors: outside of a workspace, without reach, empty, not numbers, tiny and huge', () => {
    const query = Float32Array.of(1, 2, NaN)
    for (const vectors of [new Float32Array(0), Float32Array.of(1, 2, 3), workspace().floats(300).fill(1)]) {
      const count = vectors.length / 3
      expect(scan(query, vectors, count, 2)).toEqual(scanTopK(query, vectors, count, 2))
    }
    for (const value of [NaN, Infinity, 3e38, 1e-36, 1e-44]) {
      const { vectors, reach } = crowded(100, 8, 1)
      vectors.fill(value, 9 * 8, 12 * 8)
      const point = new Float32Array(8).fill(0.5)
      const largest = reachOf(reach.with(9, Math.abs(value) * Math.sqrt(8)))
      expect(scan(point, vectors, 100, 9)).toEqual(scanTopK(point, vectors, 100, 9))
      expect(scan(point, vectors, 100, 9, undefined, largest)).toEqual(scanTopK(point, vectors, 100, 9))
      const other = new Float32Array(8).fill(value)
      expect(scan(other, vectors, 100, 9)).toEqual(scanTopK(other, vectors, 100, 9))
      expect(scan(other, vectors, 100, 9, undefined, largest)).toEqual(scanTopK(other, vectors, 100, 9))
    }
    const { vectors, reach } = crowded(100, 8, 1)
    const zero = new Float32Array(8)
    expect(scan(zero, vectors, 100, 9, undefined, reach)).toEqual(scanTopK(zero, vectors, 100, 9))
  })

  test('sees vectors that changed where no reach is given', () => {
    const { vectors } = crowded(200, 8, 1)
    const point = new Float32Array(8).fill(0.5)
    scan(point, vectors, 200, 3)
    vectors.fill(1_000, 150 * 8, 151 * 8)
    expect(scan(point, vectors, 200, 3).rows[0]).toBe(150)
  })
})

test('scores as int8 are not the scores in f32, and no further from them than said', () => {
  const [count, k, rowsAtOnce] = [1_000, 24, 256]
  const { vectors, reach, random } = crowded(count, k, 5)
  const space = workspace()
  const own = space.floats(vectors.length)
  own.set(vectors)
  const rows = quantisedRows({ space, kernels: kernelsOn(module, space.memory), vectors: own, reach, k, rowsAtOnce })
  const query = Float32Array.from({ length: k }, () => 2 * random() - 1)
  rows.begin(query, Math.hypot(...query) * (1 + 1e-6))
  const scores = space.floats(rowsAtOnce)
  let farthest = 0
  for (let first = 0; first < count; first += rowsAtOnce) {
    expect(rows.has(first)).toBe(true)
    const block = Math.min(rowsAtOnce, count - first)
    const most = rows.score(first, block, scores)
    for (let at = 0; at < block; at++) {
      const exact = query.reduce((sum, value, i) => sum + value * vectors[(first + at) * k + i]!, 0)
      const off = Math.abs(scores[at]! - exact)
      expect(off).toBeLessThanOrEqual(most)
      farthest = Math.max(farthest, off / most)
    }
  }
  expect(farthest).toBeGreaterThan(0.01)
})
