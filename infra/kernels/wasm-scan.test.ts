import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '#schemas/math/random.ts'
import { reachOf, scanTopK } from '#schemas/math/top-k.ts'
import { workspace } from '#schemas/math/workspace.ts'
import { kernelModule } from './kernel-module.ts'
import { wasmScan } from './wasm-scan.ts'

const scan = wasmScan(kernelModule()!)

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

describe('The scan in WebAssembly', () => {
  test('finds what the readable one finds, to the bit, among vectors that hardly differ', () => {
    const shapes = fc.record({
      count: fc.integer({ min: 1, max: 900 }),
      k: fc.constantFrom(8, 24, 64),
      best: fc.integer({ min: 0, max: 40 }),
      seed: fc.integer(),
    })
    fc.assert(
      fc.property(shapes, ({ count, k, best, seed }) => {
        const { vectors, reach, random } = crowded(count, k, seed)
        const query = Float32Array.from({ length: k }, () => 2 * random() - 1)
        const skip = Uint8Array.from({ length: count }, () => (random() < 0.2 ? 1 : 0))
        expect(scan(query, vectors, count, best, skip, reach)).toEqual(scanTopK(query, vectors, count, best, skip))
      }),
      { numRuns: 60 },
    )
  })

  test('takes any vectors: outside of a workspace, of any dimension, without reach, empty, not numbers', () => {
    const query = Float32Array.of(1, 2, NaN)
    for (const vectors of [new Float32Array(0), Float32Array.of(1, 2, 3), workspace().floats(30).fill(1)]) {
      const count = vectors.length / 3
      expect(scan(query, vectors, count, 2)).toEqual(scanTopK(query, vectors, count, 2))
    }
    const { vectors, reach } = crowded(50, 8, 1)
    vectors[9] = NaN
    const point = new Float32Array(8).fill(0.5)
    expect(scan(point, vectors, 50, 9, undefined, reach)).toEqual(scanTopK(point, vectors, 50, 9))
    expect(scan(new Float32Array(8), vectors, 50, 9, undefined, reach)).toEqual(
      scanTopK(new Float32Array(8), vectors, 50, 9),
    )
  })
})
