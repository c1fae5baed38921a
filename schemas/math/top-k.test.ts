import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from './random.ts'
import { reachOf, scanTopK, topK } from './top-k.ts'

describe('topK', () => {
  test('is best first and settles ties by lower index', () => {
    expect([...topK(Float32Array.of(1, 3, 2, 3, 0), 5, 3)]).toEqual([1, 3, 2])
    expect([...topK(Float32Array.of(5, 5, 5, 5), 4, 2)]).toEqual([0, 1])
  })

  test('looks at the first `count` scores only, and returns fewer than k when there are fewer', () => {
    expect([...topK(Float32Array.of(1, 2, 9), 2, 10)]).toEqual([1, 0])
    expect([...topK(new Float32Array(0), 0, 10)]).toEqual([])
    expect([...topK(Float32Array.of(1), 1, 0)]).toEqual([])
  })

  test('never chooses NaN, and does choose infinities', () => {
    expect([...topK(Float32Array.of(NaN, 1, NaN, Infinity, -Infinity), 5, 5)]).toEqual([3, 1, 4])
    expect([...topK(Float32Array.of(1, 2, NaN), 3, 2)]).toEqual([1, 0])
  })

  test('agrees with sorting everything', () => {
    const few = fc.integer({ min: -4, max: 4 })
    fc.assert(
      fc.property(fc.array(few, { maxLength: 200 }), fc.nat({ max: 220 }), (values, k) => {
        const sorted = values.map((value, row) => ({ value, row }))
        sorted.sort((a, b) => b.value - a.value || a.row - b.row)
        expect([...topK(Float32Array.from(values), values.length, k)]).toEqual(sorted.slice(0, k).map(({ row }) => row))
      }),
    )
  })
})

describe('scanTopK', () => {
  const vectors = Float32Array.of(1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0)
  const query = Float32Array.of(2, 1, -1)

  test('finds the largest inner products, best first', () => {
    const found = scanTopK(query, vectors, 5, 3)
    expect([...found.rows]).toEqual([2, 4, 0])
    expect([...found.scores]).toEqual([3, 3, 2])
  })

  test('passes over skipped rows', () => {
    const found = scanTopK(query, vectors, 5, 10, Uint8Array.of(0, 0, 1, 0, 0))
    expect([...found.rows]).toEqual([4, 0, 1, 3])
    expect([...found.scores]).toEqual([3, 2, 1, -1])
  })

  test('agrees with topK over the scores', () => {
    const number = fc.float({ min: -2, max: 2, noNaN: true })
    const shape = fc.tuple(fc.nat({ max: 40 }), fc.integer({ min: 1, max: 9 })).chain(([count, width]) =>
      fc.record({
        count: fc.constant(count),
        query: fc.array(number, { minLength: width, maxLength: width }),
        data: fc.array(number, { minLength: count * width, maxLength: count * width }),
      }),
    )
    fc.assert(
      fc.property(shape, fc.nat({ max: 50 }), ({ count, query, data }, k) => {
        const scores = new Float32Array(count)
        for (let row = 0; row < count; row++) {
          for (const [i, q] of query.entries()) scores[row]! += Math.fround(q) * data[row * query.length + i]!
        }
        const found = scanTopK(Float32Array.from(query), Float32Array.from(data), count, k)
        expect(found.rows).toHaveLength(Math.min(k, count))
        for (const [at, row] of found.rows.entries()) {
          expect(found.scores[at]).toBeCloseTo(scores[row]!, 4)
          expect(found.scores[at]! + 1e-4).toBeGreaterThanOrEqual(scores[topK(scores, count, k)[at]!]!)
        }
      }),
    )
  })

  test('finds the same rows and bits when it may end early', () => {
    // Of two entries, so that many rows point where the query does and come near the bound.
    const width = 2
    const scan = fc.record({
      seed: fc.nat(),
      count: fc.nat({ max: 600 }),
      /** From row to row, in thousandths: vectors of falling, equal or growing length. */
      change: fc.integer({ min: -10, max: 1 }),
      k: fc.nat({ max: 50 }),
      skipped: fc.nat({ max: 6 }),
    })
    fc.assert(
      fc.property(scan, ({ seed, count, change, k, skipped }) => {
        const random = seededRandom(seed)
        // Of few values, so that scores tie.
        const entry = () => Math.round(4 * random() - 2)
        const query = Float32Array.from({ length: width }, entry)
        const vectors = Float32Array.from(
          { length: count * width },
          (_, at) => entry() * (1 + change / 1_000) ** (10 * Math.floor(at / width / 10)),
        )
        const skip = Uint8Array.from({ length: count }, (_, row) => Number(row % 7 < skipped))
        const reach = reachOf(lengthsOf(vectors, width))
        expect(scanTopK(query, vectors, count, k, skip, reach)).toEqual(scanTopK(query, vectors, count, k, skip))
      }),
    )
  })

  test('looks no further than where a longer row could still be', () => {
    const vectors = new Float32Array(2 * 1_000).fill(1, 0, 2 * 20)
    const reach = reachOf(lengthsOf(vectors, 2))
    // A row that the given reach denies is the proof that nothing was looked at there.
    vectors.fill(9, 2 * 900)
    expect([...scanTopK(Float32Array.of(1, 1), vectors, 1_000, 3, undefined, reach).rows]).toEqual([0, 1, 2])
    expect([...scanTopK(Float32Array.of(1, 1), vectors, 1_000, 3).rows]).toEqual([900, 901, 902])
  })

  test('is not ended by rows that are not numbers', () => {
    const vectors = Float32Array.from({ length: 300 }, (_, row) =>
      row === 150 ? NaN : row === 299 ? 5 : 1 / (1 + row),
    )
    const reach = reachOf(lengthsOf(vectors, 1))
    expect([...scanTopK(Float32Array.of(1), vectors, 300, 2, undefined, reach).rows]).toEqual([299, 0])
  })
})

function lengthsOf(vectors: Float32Array, width: number): Float64Array {
  return Float64Array.from({ length: vectors.length / width }, (_, row) =>
    Math.hypot(...vectors.subarray(row * width, (row + 1) * width)),
  )
}
