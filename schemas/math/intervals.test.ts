import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bootstrapMeans, jackknifeInterval, meanOf } from './intervals.ts'
import { seededRandom } from './random.ts'

function uniform(count: number, seed: number): Float64Array {
  const random = seededRandom(seed)
  return Float64Array.from({ length: count }, () => random())
}

describe('A bootstrap interval', () => {
  it('is as wide as the standard error of the mean says', () => {
    const [interval] = bootstrapMeans([uniform(2_000, 3)], 1)
    const width = 2 * 1.96 * Math.sqrt(1 / 12 / 2_000)
    expect(interval!.high - interval!.low).toBeGreaterThan(0.85 * width)
    expect(interval!.high - interval!.low).toBeLessThan(1.15 * width)
  })

  it('holds the true mean of most samples', () => {
    const held = Array.from({ length: 60 }, (_, seed) => bootstrapMeans([uniform(100, seed)], seed)[0]!).filter(
      ({ low, high }) => low <= 0.5 && 0.5 <= high,
    )
    expect(held.length).toBeGreaterThanOrEqual(52)
  })

  it('holds the mean itself, and is the same for the same seed', () => {
    const anyColumn = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(anyColumn, fc.integer(), (values, seed) => {
        const column = Float64Array.from(values)
        const [interval] = bootstrapMeans([column], seed)
        expect(interval!.low).toBeLessThanOrEqual(meanOf(column))
        expect(interval!.high).toBeGreaterThanOrEqual(meanOf(column))
        expect(bootstrapMeans([column], seed)).toEqual([interval])
      }),
      { numRuns: 30 },
    )
  })

  it('uses the same draws for all columns', () => {
    const column = uniform(50, 9)
    const [one, two] = bootstrapMeans([column, column.map((value) => 2 * value)], 4)
    expect(two!.low).toBeCloseTo(2 * one!.low, 12)
    expect(two!.high).toBeCloseTo(2 * one!.high, 12)
  })

  it('of nobody is nothing', () => {
    expect(bootstrapMeans([new Float64Array(0)], 1)).toEqual([{ low: 0, high: 0 }])
    expect(bootstrapMeans([], 1)).toEqual([])
  })
})

it('The jackknife of a mean is its standard error', () => {
  const values = uniform(40, 5)
  const mean = meanOf(values)
  const without = Array.from(values, (value) => (40 * mean - value) / 39)
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 39
  const { low, high } = jackknifeInterval(mean, without)
  expect((high - low) / 2).toBeCloseTo(1.96 * Math.sqrt(variance / 40), 12)
  expect((high + low) / 2).toBeCloseTo(mean, 12)
})
