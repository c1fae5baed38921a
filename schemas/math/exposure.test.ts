import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coverage, exposureAt, giniCoefficient } from './exposure.ts'

const anyExposure = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 40 }).map((counts) => Uint32Array.from(counts))

describe('Exposure', () => {
  it('counts the lists that show an item among their first k', () => {
    expect([...exposureAt([[1, 0], [1, 2, 0], [3]], 5, 2)]).toEqual([1, 2, 1, 1, 0])
    expect([...exposureAt([], 2, 5)]).toEqual([0, 0])
  })

  it('covers the items that at least one list shows', () => {
    expect(coverage(Uint32Array.of(0, 2, 1, 0))).toBe(0.5)
    expect(coverage(new Uint32Array(0))).toBe(0)
  })
})

describe('The Gini coefficient', () => {
  it('is 0 when all items are shown alike, or none, and 1 − 1/n when one takes every place', () => {
    expect(giniCoefficient(Uint32Array.of(3, 3, 3))).toBeCloseTo(0, 12)
    expect(giniCoefficient(new Uint32Array(4))).toBe(0)
    expect(giniCoefficient(Uint32Array.of(0, 0, 9, 0))).toBeCloseTo(0.75, 12)
  })

  it('is half the mean difference of two exposures by their mean', () => {
    fc.assert(
      fc.property(anyExposure, (exposure) => {
        const total = exposure.reduce((sum, lists) => sum + lists, 0)
        fc.pre(total > 0)
        let differences = 0
        for (const a of exposure) for (const b of exposure) differences += Math.abs(a - b)
        expect(giniCoefficient(exposure)).toBeCloseTo(differences / (2 * exposure.length * total), 9)
      }),
    )
  })
})
