import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coViews, trustedCoViews, type CoViewedSlot } from './co-views.ts'

const byNumber = (a: number, b: number) => a < b

describe('Co-views', () => {
  it('add both ways up, and trust what is sure to have happened twice', () => {
    const known = coViews(byNumber)
    known.set(1, [{ slot: 2, count: 1 }])
    expect(known.of(1)).toEqual([])
    known.set(2, [
      { slot: 1, count: 1 },
      { slot: 3, count: 5 },
    ])
    expect(known.of(1)).toEqual([{ slot: 2, count: 2 }])
    expect(known.of(2)).toEqual([
      { slot: 3, count: 5 },
      { slot: 1, count: 2 },
    ])
    expect(known.of(3)).toEqual([{ slot: 2, count: 5 }])
  })

  it('are those of what was said last, whatever was said before', () => {
    const slot = fc.nat(5)
    const saying = fc.record({
      slot,
      others: fc.uniqueArray(fc.record({ slot, count: fc.integer({ min: 1, max: 4 }) }), { selector: (o) => o.slot }),
    })
    fc.assert(
      fc.property(fc.array(saying, { maxLength: 20 }), (sayings) => {
        const known = coViews(byNumber)
        const last = new Map<number, readonly CoViewedSlot[]>()
        for (const { slot: of, others } of sayings) {
          const elsewhere = others.filter((other) => other.slot !== of)
          known.set(of, elsewhere)
          known.of(of)
          last.set(of, elsewhere)
        }
        const count = (a: number, b: number) => last.get(a)?.find((other) => other.slot === b)?.count ?? 0
        for (let a = 0; a < 6; a++) {
          const expected = [0, 1, 2, 3, 4, 5]
            .filter((b) => b !== a)
            .map((b) => ({ slot: b, count: count(a, b) + count(b, a) }))
            .filter((other) => other.count >= trustedCoViews)
            .sort((x, y) => y.count - x.count || x.slot - y.slot)
          expect(known.of(a)).toEqual(expected)
        }
      }),
    )
  })
})
