import { describe, expect, it } from 'vitest'
import type { ConfidenceShape } from '#schemas/models/preference.ts'
import { dayMs, defaultFoldSettings } from '#schemas/settings.ts'
import { historiesOf } from './histories.fixture.ts'
import { refuseUntrainable, trainingSet } from './training-set.ts'

const histories = historiesOf([
  { user: 'u', item: 'a', action: 'view', time: 5 },
  { user: 'u', item: 'b', action: 'dislike', time: 2 },
  { user: 'u', item: 'a', action: 'like', time: 3 },
  { user: 'v', item: 'c', action: 'purchase', time: 4 },
  { user: 'v', item: 'b', action: 'like', time: 9 },
  { user: 'w', item: 'd', action: 'unheard-of', time: 9 },
])

describe('A training set', () => {
  it('combines the events of a user on an item and leaves out who says nothing', () => {
    const { userIds, itemIds, byUser, lastTimes } = trainingSet(histories, defaultFoldSettings)
    expect(userIds).toEqual(['u', 'v'])
    expect(itemIds).toEqual(['a', 'b', 'c'])
    expect([...byUser.starts]).toEqual([0, 2, 4])
    expect([...byUser.indices]).toEqual([0, 1, 1, 2])
    expect([...byUser.values]).toEqual([5, -6, 4, 10])
    expect([...lastTimes]).toEqual([5, 9])
  })

  it('holds the same entries by item', () => {
    const { byItem } = trainingSet(histories, defaultFoldSettings)
    expect(byItem).toMatchObject({ rows: 3, columns: 2 })
    expect([...byItem.starts]).toEqual([0, 1, 3, 4])
    expect([...byItem.indices]).toEqual([0, 0, 1, 1])
    expect([...byItem.values]).toEqual([5, -6, 4, 10])
  })

  it('is in memory that threads share', () => {
    const { byUser, byItem } = trainingSet(histories, defaultFoldSettings)
    for (const { starts, indices, values } of [byUser, byItem]) {
      for (const array of [starts, indices, values]) expect(array.buffer).toBeInstanceOf(SharedArrayBuffer)
    }
  })

  it('weighs by the shape of confidence that is asked for', () => {
    const shaped = (shape: ConfidenceShape) => [...trainingSet(histories, defaultFoldSettings, { shape }).byUser.values]
    expect(shaped({ weightExponent: 0, halfLifeDays: 0 })).toEqual([1, -1, 1, 1])
    const threeMs = 3 / dayMs
    // Of u the newest event is the view of a at 5, of v the like of b at 9.
    expect(shaped({ weightExponent: 1, halfLifeDays: threeMs })).toEqual([
      5,
      -6 / 2,
      4,
      Math.fround(10 * 2 ** (-5 / 3)),
    ])
  })

  it('holds what the filter keeps, renumbered', () => {
    const late = trainingSet(histories, defaultFoldSettings, { keep: (entry) => histories.times[entry]! > 4 })
    expect(late.userIds).toEqual(['u', 'v'])
    expect(late.itemIds).toEqual(['a', 'b'])
    expect([...late.byUser.values]).toEqual([1, 4])
    expect([...late.columnOfItem]).toEqual([0, 1, -1, -1])
    expect([...late.rowOfUser]).toEqual([0, 1, -1])
  })
})

describe('Training is refused', () => {
  it.each([
    ['on an empty log', [], 'no interactions'],
    [
      'for one user',
      [
        { user: 'u', item: 'a', time: 1 },
        { user: 'u', item: 'b', time: 1 },
      ],
      'one user',
    ],
    [
      'for one item',
      [
        { user: 'u', item: 'a', time: 1 },
        { user: 'v', item: 'a', time: 1 },
      ],
      'one item',
    ],
    [
      'when nobody likes anything',
      [
        { user: 'u', item: 'a', action: 'dislike', time: 1 },
        { user: 'v', item: 'b', action: 'dislike', time: 1 },
      ],
      'likes anything',
    ],
  ])('%s, saying why', (_, events, reason) => {
    const set = trainingSet(historiesOf(events), defaultFoldSettings)
    expect(() => refuseUntrainable(set)).toThrow(
      expect.objectContaining({ code: 'training-impossible', message: expect.stringContaining(reason) }),
    )
  })

  it('but not where two users like two items', () => {
    expect(() => refuseUntrainable(trainingSet(histories, defaultFoldSettings))).not.toThrow()
  })
})
