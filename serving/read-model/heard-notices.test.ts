import { describe, expect, it } from 'vitest'
import type { Notice } from '#schemas/events/derived.ts'
import { partitionOf } from '#schemas/partition.ts'
import { heardNotices } from './heard-notices.ts'

function notice(key: string, offset: number, row: Notice['row'] = 'user'): Notice {
  return { type: 'notice', key, row, position: { epoch: 1, partition: 0, offset }, acceptedAt: 0 }
}

function begun(capacity: number) {
  const heard = heardNotices({ capacity, partitions: 1 })
  heard.begin(0, { announced: 9, folded: 9 })
  return heard
}

describe('What was heard of users', () => {
  it('lets no copy do before it is known what was announced earlier', () => {
    const heard = heardNotices({ capacity: 2, partitions: 1 })
    heard.hear(notice('ann', 5))
    expect(heard.of('ann')).toEqual({ user: Infinity, partition: 5 })
    heard.begin(0, { announced: 9, folded: 7 })
    expect(heard.of('ann')).toEqual({ user: 9, partition: 7 })
  })

  it('is exact for the users announced last, and for the others what was forgotten last', () => {
    const heard = begun(2)
    for (const [user, offset] of [
      ['ann', 10],
      ['bob', 11],
      ['cat', 12],
      ['bob', 13],
      ['dan', 14],
    ] as const) {
      heard.hear(notice(user, offset))
    }
    const bounds = ['ann', 'bob', 'cat', 'dan', 'eve'].map((user) => heard.of(user).user)
    expect(bounds).toEqual([12, 13, 12, 14, 12])
    expect(heard.of('eve').partition).toBe(14)
  })

  it('is not lowered by a notice that is repeated late', () => {
    const heard = begun(1)
    heard.hear(notice('ann', 20))
    heard.hear(notice('ann', 15))
    expect(heard.of('ann')).toEqual({ user: 20, partition: 20 })
    heard.hear(notice('bob', 21))
    heard.hear(notice('ann', 15))
    expect(heard.of('ann').user).toBe(21)
  })

  it('is of user rows alone', () => {
    const heard = begun(2)
    heard.hear(notice('ann', 50, 'profile'))
    expect(heard.of('ann')).toEqual({ user: 9, partition: 9 })
  })

  it('is of each partition for itself', () => {
    const partitions = 8
    const heard = heardNotices({ capacity: 10, partitions })
    for (let p = 0; p < partitions; p++) heard.begin(p, { announced: -1, folded: -1 })
    heard.hear(notice('ann', 7))
    const others = Array.from({ length: 50 }, (_, i) => `user ${i}`)
    for (const user of others) {
      const isSame = partitionOf(user, partitions) === partitionOf('ann', partitions)
      expect(heard.of(user)).toEqual({ user: -1, partition: isSame ? 7 : -1 })
    }
  })
})
