import { describe, expect, it } from 'vitest'
import { defaultFoldSettings } from '../settings.ts'
import { foldAll, interaction, smallSettings, start } from './events.fixture.ts'

const { fastHalfLifeMs } = defaultFoldSettings
const settings = { ...smallSettings, limits: { ...smallSettings.limits, coViews: 10 } }

function statistics(events: Parameters<typeof foldAll>[0], itemId = 'a') {
  return foldAll(events, settings).rows.get('item-statistics', itemId, 0)
}

describe('Item statistics', () => {
  it('decay by half in a half-life, relative to the newest event', () => {
    const later = start + fastHalfLifeMs
    const row = statistics([interaction({ id: 'x' }), interaction({ id: 'y', occurredAt: later, acceptedAt: later })])
    expect(row?.time).toBe(later)
    expect(row?.actions[0]).toMatchObject({ action: 'view', total: 2 })
    expect(row?.actions[0]?.fast).toBeCloseTo(1.5, 9)
  })

  it('count a late event as much as if it had come in time', () => {
    const later = start + 3 * fastHalfLifeMs
    const early = interaction({ id: 'x', occurredAt: start, acceptedAt: later })
    const newer = interaction({ id: 'y', occurredAt: later, acceptedAt: later })
    expect(statistics([newer, early])?.actions[0]?.fast).toBeCloseTo(
      statistics([early, newer])?.actions[0]?.fast ?? 0,
      9,
    )
  })

  it('do not let a clock that runs ahead move the time', () => {
    const row = statistics([interaction({ id: 'x', occurredAt: start + 1_000_000 })])
    expect(row?.time).toBe(start)
  })

  it('count on its own row which three other items came just before an item', () => {
    const events = ['b', 'c', 'd', 'e', 'a'].map((itemId) => interaction({ id: itemId, itemId }))
    expect([...(statistics(events)?.coViews.keys() ?? [])]).toEqual(['c', 'd', 'e'])
    expect(statistics(events, 'e')?.coViews.get('d')).toEqual({ count: 1, error: 0 })
    expect(statistics(events, 'e')?.coViews.has('a')).toBe(false)
  })

  it('leave what was disliked out of what is seen together', () => {
    const disliked = interaction({ id: '1', itemId: 'b', action: 'dislike' })
    expect(statistics([disliked, interaction({ id: '2' })])?.coViews.size).toBe(0)
    expect(
      statistics([interaction({ id: '1', itemId: 'b' }), interaction({ id: '2', action: 'dislike' })])?.coViews.size,
    ).toBe(0)
  })

  it('remember the last distinct users with their net weights', () => {
    const by = (userId: string, id: string, action = 'view') => interaction({ id, userId, action })
    const row = statistics([by('ann', '1'), by('bob', '2'), by('ann', '3', 'like'), by('cid', '4')])
    expect(row?.users).toEqual([
      { userId: 'ann', weight: 5, offset: 2 },
      { userId: 'cid', weight: 1, offset: 3 },
    ])
  })
})
