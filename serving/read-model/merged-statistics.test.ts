import { describe, expect, it } from 'vitest'
import { blankItemStatistics, type ItemStatistics } from '#schemas/rows/item-statistics.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { mergeStatistics } from './merged-statistics.ts'

function row(changes: Partial<ItemStatistics>): ItemStatistics {
  return { ...blankItemStatistics(), ...changes }
}

const { fastHalfLifeMs } = defaultFoldSettings

describe('merging the rows of an item', () => {
  it('brings decayed counts to the newest time, and leaves out what is not positive', () => {
    const merged = mergeStatistics(
      [
        row({ time: 1e12, actions: [{ action: 'like', fast: 4, slow: 4, total: 5 }] }),
        row({
          time: 1e12 + fastHalfLifeMs,
          actions: [
            { action: 'view', fast: 1, slow: 1, total: 1 },
            { action: 'dislike', fast: 9, slow: 9, total: 9 },
            { action: 'no-longer-configured', fast: 9, slow: 9, total: 9 },
          ],
        }),
      ],
      defaultFoldSettings,
    )
    expect(merged.time).toBe(1e12 + fastHalfLifeMs)
    expect(merged.fast).toBeCloseTo(4 / 2 + 1, 9)
    expect(merged.total).toBe(6)
  })

  it('adds up how often others came before, and leaves out what may never have happened', () => {
    const merged = mergeStatistics(
      [
        row({
          coViews: new Map([
            ['a', { count: 1, error: 0 }],
            ['b', { count: 9, error: 9 }],
          ]),
        }),
        row({
          coViews: new Map([
            ['a', { count: 1, error: 0 }],
            ['c', { count: 3, error: 0 }],
          ]),
        }),
      ],
      defaultFoldSettings,
    )
    expect(merged.coViews).toEqual([
      { itemId: 'c', count: 3 },
      { itemId: 'a', count: 2 },
    ])
  })
})
