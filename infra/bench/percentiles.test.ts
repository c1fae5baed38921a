import { array, assert, double, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { percentile, percentiles } from './percentiles.ts'

describe('Percentiles', () => {
  it('are values that were measured, by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
    expect(percentiles(hundred)).toEqual({ p50: 50, p95: 95, p99: 99, max: 100 })
    expect(percentiles([7])).toEqual({ p50: 7, p95: 7, p99: 7, max: 7 })
    expect(percentiles([1, 2, 3])).toEqual({ p50: 2, p95: 3, p99: 3, max: 3 })
    expect(percentiles([]).p99).toBeNaN()
  })

  it('leave at least their share at or below them, and less than it below', () => {
    const values = array(double({ noNaN: true }), { minLength: 1 })
    assert(
      property(values, double({ min: 0.01, max: 1, noNaN: true }), (given, q) => {
        const at = percentile(Float64Array.from(given).sort(), q)
        expect(given.filter((value) => value <= at).length).toBeGreaterThanOrEqual(q * given.length)
        expect(given.filter((value) => value < at).length).toBeLessThan(q * given.length)
      }),
    )
  })
})
