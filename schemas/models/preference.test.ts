import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayMs, defaultFoldSettings } from '../settings.ts'
import { netPreferences, plainConfidence, shapedPreferences, type TimedInteraction } from './preference.ts'

const anyHistory = fc.array(
  fc.record({
    itemId: fc.constantFrom('a', 'b', 'c'),
    action: fc.constantFrom('view', 'like', 'dislike'),
    day: fc.nat(20),
  }),
  { maxLength: 12 },
)

function at(day: number, itemId: string, action = 'like'): TimedInteraction {
  return { itemId, action, value: null, occurredAt: day * dayMs, acceptedAt: day * dayMs }
}

describe('Preferences under a model', () => {
  it('are the net ones where the shape is plain', () => {
    fc.assert(
      fc.property(anyHistory, (events) => {
        const history = events.map(({ day, itemId, action }) => at(day, itemId, action))
        expect(shapedPreferences(history, defaultFoldSettings, plainConfidence)).toEqual(
          netPreferences(history, defaultFoldSettings),
        )
      }),
    )
  })

  it('keep their signs, and never grow with age', () => {
    fc.assert(
      fc.property(anyHistory, fc.double({ min: 0, max: 1, noNaN: true }), (events, weightExponent) => {
        const history = events.map(({ day, itemId, action }) => at(day, itemId, action))
        const young = shapedPreferences(history, defaultFoldSettings, { weightExponent, halfLifeDays: 0 })
        const aged = shapedPreferences(history, defaultFoldSettings, { weightExponent, halfLifeDays: 5 })
        for (const [itemId, net] of netPreferences(history, defaultFoldSettings)) {
          expect(Math.sign(aged.get(itemId)!)).toBe(Math.sign(net))
          expect(Math.abs(aged.get(itemId)!)).toBeLessThanOrEqual(Math.abs(young.get(itemId)!))
        }
      }),
    )
  })

  it('halve with each half-life before the newest event of the user', () => {
    const history = [at(0, 'a'), at(10, 'b'), at(20, 'c')]
    const shaped = shapedPreferences(history, defaultFoldSettings, { weightExponent: 1, halfLifeDays: 10 })
    expect([...shaped.values()]).toEqual([1, 2, 4])
  })

  it('take what a request reports for the newest', () => {
    const reported = { itemId: 'b', action: 'like', value: null }
    const halfLife = { weightExponent: 1, halfLifeDays: 10 }
    const shaped = shapedPreferences([at(0, 'a'), at(10, 'c'), reported], defaultFoldSettings, halfLife)
    expect(Object.fromEntries(shaped)).toEqual({ a: 2, b: 4, c: 4 })
    expect([...shapedPreferences([reported], defaultFoldSettings, halfLife).values()]).toEqual([4])
  })
})
