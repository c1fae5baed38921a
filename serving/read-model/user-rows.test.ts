import { describe, expect, it } from 'vitest'
import type { Notice } from '#schemas/events/derived.ts'
import type { FeatureStore, Heard, UserFeatures } from '#schemas/ports/feature-store.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { blankUserHead } from '#schemas/rows/user-rows.ts'
import { heardNotices } from './heard-notices.ts'
import { userRows, type UserRead } from './user-rows.ts'

function rowAt(offset: number): UserFeatures {
  return { head: { ...blankUserHead(), offset }, history: [] }
}

function noticeAt(offset: number, key = 'ann'): Notice {
  return { type: 'notice', key, row: 'user', position: { epoch: 1, partition: 0, offset }, acceptedAt: 0 }
}

function offsetOf(read: UserRead): number | undefined {
  return read.type === 'failed' ? undefined : read.features?.head.offset
}

/** A store whose answers are given by hand, in the order of the reads. */
function heldStore() {
  const reads: PromiseWithResolvers<UserFeatures | undefined>[] = []
  const user = () => {
    const read = Promise.withResolvers<UserFeatures | undefined>()
    reads.push(read)
    return read.promise
  }
  return { reads, rows: userRows({ features: { user }, capacity: 2, metrics: noMetrics }) }
}

describe('cached user rows', () => {
  it('are read once, and again after a notice of something newer', async () => {
    const { reads, rows } = heldStore()
    const first = rows.read('ann', false)
    reads[0]!.resolve(rowAt(5))
    expect(offsetOf(await first)).toBe(5)
    rows.notice(noticeAt(5))
    expect(offsetOf(await rows.read('ann', false))).toBe(5)
    rows.notice(noticeAt(6))
    const second = rows.read('ann', false)
    reads[1]!.resolve(rowAt(6))
    expect(offsetOf(await second)).toBe(6)
    expect(reads).toHaveLength(2)
  })

  it('are not kept when a notice overtook the read', async () => {
    const { reads, rows } = heldStore()
    const overtaken = rows.read('ann', false)
    rows.notice(noticeAt(6))
    reads[0]!.resolve(rowAt(5))
    expect(offsetOf(await overtaken)).toBe(5)
    const again = rows.read('ann', false)
    reads[1]!.resolve(rowAt(6))
    expect(offsetOf(await again)).toBe(6)
  })

  it('never go back to an older row that was read late', async () => {
    const { reads, rows } = heldStore()
    const late = rows.read('ann', true)
    const early = rows.read('ann', true)
    reads[1]!.resolve(rowAt(7))
    await early
    reads[0]!.resolve(rowAt(6))
    await late
    expect(offsetOf(await rows.read('ann', false))).toBe(7)
  })

  it('are what is left when the store fails, marked stale', async () => {
    const { reads, rows } = heldStore()
    const first = rows.read('ann', false)
    reads[0]!.resolve(rowAt(5))
    await first
    rows.notice(noticeAt(6))
    const broken = rows.read('ann', false)
    reads[1]!.reject(new Error('no answer'))
    expect(await broken).toMatchObject({ type: 'stale', features: rowAt(5) })
    const unknown = rows.read('bob', false)
    reads[2]!.reject(new Error('no answer'))
    expect((await unknown).type).toBe('failed')
  })

  it('pass on as stale what the store could not read, and do not keep it', async () => {
    const { reads, rows } = heldStore()
    const failure = new Error('no answer')
    const stale = rows.read('ann', false)
    reads[0]!.resolve({ ...rowAt(5), stale: { error: failure } })
    expect(await stale).toMatchObject({ type: 'stale', features: rowAt(5), error: failure })
    const again = rows.read('ann', false)
    reads[1]!.resolve(rowAt(6))
    expect(await again).toEqual({ type: 'read', features: rowAt(6) })
    rows.notice(noticeAt(7))
    const older = rows.read('ann', false)
    reads[2]!.resolve({ ...rowAt(5), stale: { error: failure } })
    expect(await older).toMatchObject({ type: 'stale', features: rowAt(6) })
  })

  it('tell the store what was heard: that no copy will do where the row itself is wanted', async () => {
    const asked: (Heard | undefined)[] = []
    const user: FeatureStore['user'] = async (_, known) => {
      asked.push(known)
      return rowAt(6)
    }
    const heard = heardNotices({ capacity: 10, partitions: 1 })
    const rows = userRows({ features: { user }, capacity: 1, heard, metrics: noMetrics })
    await rows.read('ann', false)
    heard.begin(0, { announced: 4, folded: 4 })
    await rows.read('bob', false)
    rows.notice(noticeAt(6))
    await rows.read('ann', false)
    await rows.read('ann', true)
    expect(asked).toEqual([
      { user: Infinity, partition: -1 },
      { user: 4, partition: 4 },
      { user: 6, partition: 6 },
      { user: Infinity, partition: 6 },
    ])
  })
})
