import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Interactions } from '../ports/solver.ts'
import { listQualities } from './list-qualities.ts'

/** The users of each item, of `users` users. */
function byItem(users: number, items: readonly (readonly number[])[]): Interactions {
  const starts = [0]
  for (const item of items) starts.push(starts.at(-1)! + item.length)
  return {
    rows: items.length,
    columns: users,
    starts: Uint32Array.from(starts),
    indices: Uint32Array.from(items.flat()),
    values: new Float32Array(items.flat().length).fill(1),
  }
}

describe('Novelty', () => {
  const { noveltyAt } = listQualities(byItem(8, [[0, 1, 2, 3], [5], []]))

  it('is the mean surprise of the items in bits', () => {
    expect(noveltyAt([0], 1)).toBe(1)
    expect(noveltyAt([0, 1], 2)).toBe(2)
    expect(noveltyAt([0, 1], 1)).toBe(1)
  })

  it('of an item that nobody has met is that of one user, and of an empty list 0', () => {
    expect(noveltyAt([2], 1)).toBe(3)
    expect(noveltyAt([], 5)).toBe(0)
  })
})

describe('Diversity', () => {
  it('is the mean distance of all pairs, worked out pair by pair', () => {
    const anyItem = fc.uniqueArray(fc.nat(9), { maxLength: 6 }).map((users) => users.sort((a, b) => a - b))
    fc.assert(
      fc.property(fc.array(anyItem, { minLength: 2, maxLength: 7 }), (items) => {
        const { diversityAt } = listQualities(byItem(10, items))
        const ranking = items.map((_, item) => item)
        const [two, all] = diversityAt(ranking, [2, items.length])
        expect(two).toBeCloseTo(meanDistance(items.slice(0, 2)), 9)
        expect(all).toBeCloseTo(meanDistance(items), 9)
        expect(diversityAt(ranking, [2, items.length])).toEqual([two, all])
      }),
    )
  })

  it('of fewer than two items is 0', () => {
    expect(listQualities(byItem(2, [[0, 1]])).diversityAt([0], [1, 10])).toEqual([0, 0])
  })
})

function meanDistance(items: readonly (readonly number[])[]): number {
  const distances = items.flatMap((a, i) =>
    items.slice(i + 1).map((b) => {
      const common = a.filter((user) => b.includes(user)).length
      return common === 0 ? 1 : 1 - common / Math.sqrt(a.length * b.length)
    }),
  )
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length
}
