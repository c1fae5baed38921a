import { describe, expect, it } from 'vitest'
import { avroCodec } from '#infra/avro/codec.ts'
import { memoryCache } from '#infra/memory/cache.ts'
import { manualClock } from '#infra/memory/manual-clock.ts'
import { memoryMetrics } from '#infra/memory/metrics.ts'
import { memoryStateStore } from '#infra/memory/state-store.ts'
import { MillraceError } from '#schemas/errors.ts'
import { blankInteraction } from '#schemas/events/blank.fixture.ts'
import { foldInteractions } from '#schemas/fold/interactions.ts'
import { mapRows } from '#schemas/fold/map-rows.ts'
import type { Cache } from '#schemas/ports/cache.ts'
import { featureStoreContract } from '#schemas/ports/feature-store.contract.ts'
import type { FeatureStore, Heard, UserFeatures } from '#schemas/ports/feature-store.ts'
import { blankUserHead } from '#schemas/rows/user-rows.ts'
import { defaultFoldSettings, rowLimits } from '#schemas/settings.ts'
import { cachedFeatureStore } from './cached-feature-store.ts'
import { rowFeatureStore } from './feature-store.ts'
import { decodeUser, encodeUser } from './user-copy.ts'

const codec = avroCodec()

featureStoreContract('rows with copies', async () => {
  const store = memoryStateStore()
  const cache = memoryCache({ clock: manualClock() })
  const features = cachedFeatureStore({ features: rowFeatureStore({ store, codec }), cache, codec, rows: 'r1' })
  return { features, store, codec, dispose: () => store.close() }
})

const failure = new MillraceError('store-failed', 'no answer', { retriable: true })

/** A store whose one user's head is at `offset`; undefined: without a row. */
function world(cacheOf: (cache: Cache) => Cache = (cache) => cache) {
  const metrics = memoryMetrics()
  const clock = manualClock()
  const cache = memoryCache({ clock })
  const rows = { offset: 5 as number | undefined, isDown: false, reads: 0 }
  const store: Pick<FeatureStore, 'user'> = {
    async user() {
      rows.reads++
      if (rows.isDown) throw failure
      return rows.offset === undefined ? undefined : rowAt(rows.offset)
    },
  }
  const state = memoryStateStore()
  const features = cachedFeatureStore({
    features: { ...rowFeatureStore({ store: state, codec }), ...store },
    cache: cacheOf(cache),
    codec,
    rows: 'r1',
    metrics,
  })
  return {
    rows,
    features,
    clock,
    metrics,
    offsetOf: async (heard: Heard) => offsetIn(await features.user('ann', heard)),
  }
}

function rowAt(offset: number): UserFeatures {
  return { head: { ...blankUserHead(), epoch: 1, offset }, history: [] }
}

function offsetIn(features: UserFeatures | undefined): number | undefined {
  return features?.head.offset
}

describe('Copies of user rows', () => {
  it('are answered while nothing newer was heard', async () => {
    const { rows, metrics, offsetOf } = world()
    expect(await offsetOf({ user: 5, partition: 5 })).toBe(5)
    expect(await offsetOf({ user: 5, partition: 9 })).toBe(5)
    expect(rows.reads).toBe(1)
    expect(metrics.value('millrace_cache_hits_total', { cache: 'shared-user-rows' })).toBe(1)
    rows.offset = 6
    expect(await offsetOf({ user: 6, partition: 9 })).toBe(6)
  })

  it('hold for all that their writer had heard of the partition, of a user without a row too', async () => {
    for (const offset of [5, undefined]) {
      const { rows, offsetOf } = world()
      rows.offset = offset
      expect(await offsetOf({ user: -1, partition: 30 })).toBe(offset)
      expect(await offsetOf({ user: 30, partition: 90 })).toBe(offset)
      expect(rows.reads).toBe(1)
      expect(await offsetOf({ user: 31, partition: 90 })).toBe(offset)
      expect(rows.reads).toBe(2)
    }
  })

  it('end with their time, absence sooner', async () => {
    const { rows, clock, offsetOf } = world()
    rows.offset = undefined
    await offsetOf({ user: 5, partition: 5 })
    clock.advance(10_000)
    rows.offset = 5
    expect(await offsetOf({ user: 5, partition: 5 })).toBe(5)
    clock.advance(10_000)
    await offsetOf({ user: 5, partition: 5 })
    expect(rows.reads).toBe(2)
    clock.advance(590_000)
    await offsetOf({ user: 5, partition: 5 })
    expect(rows.reads).toBe(3)
  })

  it('that are too old are answered when the rows fail, and say so', async () => {
    const { rows, features } = world()
    await features.user('ann', { user: 5, partition: 5 })
    rows.isDown = true
    expect((await features.user('ann', { user: 5, partition: 5 }))?.stale).toBeUndefined()
    const stale = await features.user('ann', { user: 6, partition: 6 })
    expect([offsetIn(stale), stale?.stale]).toEqual([5, { error: failure }])
    await expect(features.user('bob', { user: 6, partition: 6 })).rejects.toBe(failure)
  })

  it('are not looked at for a reader who does not say what was heard', async () => {
    const { rows, features } = world()
    await features.user('ann', { user: 5, partition: 5 })
    rows.offset = 6
    expect(offsetIn(await features.user('ann'))).toBe(6)
    rows.isDown = true
    await expect(features.user('ann')).rejects.toBe(failure)
  })

  it('are done without while the cache is down', async () => {
    const down = () => Promise.reject(failure)
    const { rows, offsetOf } = world(() => ({ get: down, setIfNewer: down, delete: down }))
    expect(await offsetOf({ user: 5, partition: 5 })).toBe(5)
    expect(await offsetOf({ user: 5, partition: 5 })).toBe(5)
    expect(rows.reads).toBe(2)
  })

  it.each([[[]], [[1, 0, 0]], [[1, 0, 0, 0, 9, 1]], [[2, 0, 0, 0, 0]], [[1, 0, 0, 0, 2, 1, 1]]])(
    'that are the bytes %j are read over',
    async (bytes) => {
      const { rows, offsetOf } = world((cache) => ({
        ...cache,
        get: () => Promise.resolve({ value: Uint8Array.from(bytes), version: 100 }),
      }))
      expect(await offsetOf({ user: 5, partition: 5 })).toBe(5)
      expect(rows.reads).toBe(1)
    },
  )

  it.each([0, 1, 63, 64, 65, 128, 1_000, 1_001, 1_100])('have the whole history of %i interactions', async (count) => {
    const rows = mapRows()
    for (let n = 0; n < count; n++) {
      const event = {
        ...blankInteraction,
        id: `id-${n}`,
        userId: 'ann',
        itemId: `item-${n}`,
        occurredAt: n,
        acceptedAt: n,
      }
      foldInteractions(rows, event, { epoch: 1, partition: 0, offset: n, acceptedAt: n }, defaultFoldSettings)
    }
    const store = memoryStateStore()
    const writes = [...rows.encoded(codec)].map(({ key, epoch, offset, bytes }) => ({ ...key, epoch, offset, bytes }))
    await store.write(writes)
    const user = await rowFeatureStore({ store, codec }).user('ann')
    expect(user?.history.length ?? 0).toBe(Math.min(count, 1_000))
    expect(decodeUser(codec, encodeUser(codec, user, rowLimits), rowLimits)).toEqual(user)
  })
})
