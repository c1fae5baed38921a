import { describe, expect, it } from 'vitest'
import { blankItem } from '#schemas/events/blank.fixture.ts'
import { blankItemStatistics, type ItemStatistics } from '#schemas/rows/item-statistics.ts'
import { isWorthMaking } from './vector-growth.ts'

/** A partial row whose users came at these offsets. */
function rowOf(partition: number, offsets: readonly number[]): ItemStatistics {
  const users = offsets.map((offset) => ({ userId: `user-${offset}`, weight: 1, offset }))
  return { ...blankItemStatistics(), partition, offset: offsets.at(-1) ?? -1, users }
}

function upTo(end: number, from = 0): number[] {
  return Array.from({ length: end - from }, (_, i) => from + i)
}

const itemId = 'film'
const entryAt = (updatedAt: number) => ({ itemId, item: blankItem, firstSeenAt: 1, updatedAt })
const before = {
  modelVersion: 'm1',
  positions: [
    { epoch: 0, partition: 0, offset: 31 },
    { epoch: 0, partition: 1, offset: 31 },
  ],
  updatedAt: 5,
}
const nowWith = (...partial: ItemStatistics[]) => ({
  modelVersion: 'm1',
  statistics: { itemId, partial },
  entry: entryAt(5),
})

describe('A streaming vector', () => {
  it('is made of an item that has none under the model', () => {
    expect(isWorthMaking(undefined, nowWith(rowOf(0, [])))).toBe(true)
    expect(isWorthMaking({ ...before, modelVersion: 'm0' }, nowWith(rowOf(0, upTo(32))))).toBe(true)
  })

  it('is made again when an eighth of the users are new, over all partitions', () => {
    const at = (fresh: number) => nowWith(rowOf(0, upTo(32)), rowOf(1, upTo(32 + fresh, fresh)))
    expect(isWorthMaking(before, at(7))).toBe(false)
    expect(isWorthMaking(before, at(8))).toBe(true)
  })

  it('is made again with every user while there are few', () => {
    const few = { ...before, positions: [{ epoch: 0, partition: 0, offset: 2 }] }
    expect(isWorthMaking(few, nowWith(rowOf(0, [0, 1, 2, 3])))).toBe(true)
    expect(isWorthMaking(few, nowWith(rowOf(0, [0, 1, 2])))).toBe(false)
  })

  it('is made again for users of a partition that had none', () => {
    expect(isWorthMaking(before, nowWith(rowOf(0, upTo(4)), rowOf(2, [0])))).toBe(true)
  })

  it('is made again when the catalogue entry was changed', () => {
    const now = nowWith(rowOf(0, upTo(32)))
    expect(isWorthMaking(before, now)).toBe(false)
    expect(isWorthMaking(before, { ...now, entry: entryAt(6) })).toBe(true)
    expect(isWorthMaking(before, { ...now, entry: undefined })).toBe(true)
  })
})
