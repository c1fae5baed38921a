import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { balancedShares, type Claim } from './membership-balance.ts'

const claim = (member: string, partitions: readonly number[] = [], generation = 1): Claim => ({
  member,
  partitions,
  generation,
})

const claims = fc.uniqueArray(
  fc.record({
    member: fc.string({ minLength: 1, maxLength: 3 }),
    partitions: fc.array(fc.integer({ min: -2, max: 40 })),
    generation: fc.integer({ min: -1, max: 3 }),
  }),
  { selector: ({ member }) => member, minLength: 1, maxLength: 9 },
)

const asObject = (shares: ReadonlyMap<string, readonly number[]>) => Object.fromEntries(shares)
const rejoined = (shares: ReadonlyMap<string, readonly number[]>) =>
  Array.from(shares, ([member, partitions]) => claim(member, partitions, 2))
const moved = (before: ReadonlyMap<string, readonly number[]>, after: ReadonlyMap<string, readonly number[]>) =>
  [...after].flatMap(([member, share]) => share.filter((one) => before.get(member)?.includes(one) !== true)).length

describe('Balanced shares', () => {
  it('give every partition one owner, and nobody more than one above another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), claims, (partitions, given) => {
        const shares = [...balancedShares(partitions, given).values()]
        expect(shares.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: partitions }, (_, i) => i))
        const sizes = shares.map(({ length }) => length)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('are the same whatever the order of the members', () => {
    fc.assert(
      fc.property(claims, (given) => {
        const one = asObject(balancedShares(32, given))
        expect(asObject(balancedShares(32, given.toReversed()))).toEqual(one)
      }),
    )
  })

  it('move nothing when the members are the same', () => {
    fc.assert(
      fc.property(claims, (given) => {
        const shares = balancedShares(32, given)
        expect(asObject(balancedShares(32, rejoined(shares)))).toEqual(asObject(shares))
      }),
    )
  })

  it('move only what a newcomer gets', () => {
    fc.assert(
      fc.property(claims, (given) => {
        const before = balancedShares(32, given)
        const after = balancedShares(32, [...rejoined(before), claim('newcomer')])
        expect(moved(before, after)).toBe(after.get('newcomer')?.length)
      }),
    )
  })

  it('move only what a leaver had', () => {
    fc.assert(
      fc.property(claims, (given) => {
        fc.pre(given.length > 1)
        const before = balancedShares(32, given)
        const [leaver, ...rest] = rejoined(before)
        expect(moved(before, balancedShares(32, rest))).toBe(leaver?.partitions.length)
      }),
    )
  })

  it('believe the later of two who claim the same', () => {
    const shares = balancedShares(4, [claim('a', [0, 1, 2, 3], 4), claim('b', [2, 3], 5), claim('c', [], 5)])
    expect(asObject(shares)).toEqual({ a: [0, 1], b: [2], c: [3] })
  })
})
