import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { shapedPreferences } from '#schemas/models/preference.ts'
import { dayMs, defaultFoldSettings } from '#schemas/settings.ts'
import { historyColumns } from './history-columns.ts'
import { userPreferences } from './training-set.ts'

const anyEntry = fc
  .record({
    user: fc.constantFrom('u', 'v', 'w'),
    itemId: fc.constantFrom('a', 'b', 'c', 'd'),
    action: fc.constantFrom('view', 'like', 'purchase', 'dislike', 'remove', 'rating', 'unknown', 'toString'),
    value: fc.option(fc.double({ min: -1, max: 6, noNaN: true }), { nil: null }),
    day: fc.nat({ max: 40 }),
    isKept: fc.boolean(),
  })
  .map(({ day, ...given }) => {
    const at = day * dayMs
    return { ...given, id: 'any', occurredAt: at, acceptedAt: at, clock: at, offset: 0, filed: true }
  })

const anyShape = fc.record({
  weightExponent: fc.constantFrom(1, 0.5, 0),
  halfLifeDays: fc.constantFrom(0, 3, 30),
})

it('The weights of all users at once are, bit for bit, those of each user’s history', () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 60 }), anyShape, fc.boolean(), (entries, shape, all) => {
      const columns = historyColumns()
      const byUser = [...Map.groupBy(entries, ({ user }) => user)]
      for (const [user, history] of byUser) columns.add(user, 0, history)
      const histories = { ...columns.joined(), positions: [], unreadable: 0 }
      const flat = byUser.flatMap(([, history]) => history)
      const keep = (entry: number) => all || flat[entry]!.isKept

      const found = userPreferences(histories, defaultFoldSettings, { keep, shape })
      const expected = byUser.flatMap(([user, history]) => {
        const kept = history.filter(({ isKept }) => all || isKept)
        const fresh = shapedPreferences(kept, defaultFoldSettings, { ...shape, weightExponent: 0 })
        const shaped = [...shapedPreferences(kept, defaultFoldSettings, shape)]
        const net = shaped.map(([itemId, weight]) => [itemId, weight, Math.max(0, fresh.get(itemId)!)])
        const lastTime = Math.max(...kept.map(({ occurredAt }) => occurredAt))
        return net.length === 0 ? [] : [{ user, lastTime, net }]
      })
      const named = found.map(({ user, lastTime, items, weights, likes }) => ({
        user: histories.userIds[user],
        lastTime,
        net: Array.from(items, (item, i) => [histories.itemIds[item], weights[i], likes[i]]),
      }))
      expect(named).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})
