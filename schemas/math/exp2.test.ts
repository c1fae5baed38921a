import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decay } from './exp2.ts'

describe('decay', () => {
  test('agrees with Math.pow within 1e-9 of its value', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1_000, noNaN: true }), (x) => {
        const exact = Math.pow(2, -x)
        expect(Math.abs(decay(x) - exact)).toBeLessThanOrEqual(1e-9 * exact)
      }),
      { numRuns: 2_000 },
    )
  })

  test('whole half-lives are exact powers of two', () => {
    for (let n = 0; n < 1_022; n++) expect(decay(n)).toBe(Math.pow(2, -n))
  })

  test('never grows with time', () => {
    const values = Float64Array.from({ length: 200_000 }, (_, i) => decay(i / 16_384))
    expect(values.findIndex((value, i) => i > 0 && value > values[i - 1]!)).toBe(-1)
  })

  test('is 1 before its beginning and 0 after a thousand half-lives', () => {
    expect([decay(0), decay(-1), decay(NaN), decay(1_022), decay(Infinity)]).toEqual([1, 1, 1, 0, 0])
  })

  test('has the bits that rows were folded with', () => {
    const bits = [0.5, 1 / 3, 1.7, 24 / 7, 0.000001, 100.123].map((x) => bitsOf(decay(x)))
    expect(bits).toEqual([
      '3fe6a09e667f3bcd',
      '3fe965fea53d6e3b',
      '3fd3b2c47bff8315',
      '3fb7c6a1f29e2cc7',
      '3feffffe8bde9c24',
      '39ad6284b0b8ec0c',
    ])
  })
})

function bitsOf(value: number): string {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return view.getBigUint64(0).toString(16)
}
