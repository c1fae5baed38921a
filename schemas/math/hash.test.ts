import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hash32, hash53 } from './hash.ts'
import { seededRandom } from './random.ts'

describe('hash53', () => {
  test('gives the known answers that id rows are filed under', () => {
    expect(['', 'a', 'b', 'revenge', 'ünïcode 🎬'].map((text) => hash53(text))).toEqual([
      3338908027751811, 7929297801672961, 8684336938537663, 4051478007546757, 2993351407016782,
    ])
    expect(hash53('a', 1)).toBe(5368154436228575)
  })

  test('is a safe non-negative integer, and hash32 its low half', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), (text, seed) => {
        const hash = hash53(text, seed)
        expect(Number.isSafeInteger(hash) && hash >= 0 && hash < 2 ** 53).toBe(true)
        expect(hash32(text, seed)).toBe(hash % 2 ** 32)
      }),
    )
  })

  test('tells a hundred thousand ids apart and spreads them evenly', () => {
    const buckets = new Uint32Array(64)
    const seen = new Set<number>()
    for (let i = 0; i < 100_000; i++) {
      const hash = hash53(`user-${i}`)
      seen.add(hash)
      buckets[hash % 64]!++
    }
    expect(seen.size).toBe(100_000)
    expect(Math.min(...buckets)).toBeGreaterThan(1_350)
    expect(Math.max(...buckets)).toBeLessThan(1_780)
  })
})

describe('seededRandom', () => {
  test('gives its known stream', () => {
    const random = seededRandom(42)
    expect([random(), random(), random()]).toEqual([0.6011037519201636, 0.44829055899754167, 0.8524657934904099])
  })

  test('lies in [0, 1) with the mean and the spread of a uniform one', () => {
    const random = seededRandom(7)
    const values = Array.from({ length: 20_000 }, random)
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    expect(mean).toBeCloseTo(0.5, 1)
    expect(variance).toBeCloseTo(1 / 12, 2)
  })

  test('other seeds give other streams', () => {
    expect(seededRandom(1)()).not.toBe(seededRandom(2)())
  })
})
