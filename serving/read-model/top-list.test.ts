import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { topList } from './top-list.ts'

const change = fc.oneof(
  { weight: 4, arbitrary: fc.record({ slot: fc.nat(20), raise: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ slot: fc.nat(20), raise: fc.constant(undefined) }) },
)

describe('a top list', () => {
  it('is always what a full sort begins with, while keys rise and slots go', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), fc.integer({ min: 1, max: 8 }), (changes, capacity) => {
        const list = topList(capacity, (a, b) => a < b)
        const keys = new Map<number, number>()
        for (const { slot, raise } of changes) {
          if (raise === undefined) {
            keys.delete(slot)
            list.remove(slot)
          } else {
            const key = (keys.get(slot) ?? 0) + raise
            keys.set(slot, key)
            list.offer(slot, key)
          }
          const sorted = [...keys].sort(([a, x], [b, y]) => y - x || a - b).map(([member]) => member)
          expect(list.slots).toEqual(sorted.slice(0, list.slots.length))
          const least = list.needsRefill() ? 0 : Math.min(sorted.length, Math.ceil(capacity / 2))
          expect(list.slots.length).toBeGreaterThanOrEqual(least)
        }
      }),
    )
  })
})
