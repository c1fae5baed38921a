import { expect, it } from 'vitest'
import { avroCodec } from '#infra/avro/codec.ts'
import { memoryCache } from '#infra/memory/cache.ts'
import { memoryMetrics } from '#infra/memory/metrics.ts'
import { cachedFeatureStore } from '#infra/rows/cached-feature-store.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import { get, idsOf, serverOf, worldWithFilms } from './serving-server.fixture.ts'

const shared = { cache: 'shared-user-rows' }
const url = '/v1/users/ann/recommendations'

it('Serving instances answer from copies of rows that they share, current ones, or stale ones while the rows fail', async () => {
  const rows = { isDown: false, reads: 0 }
  const metrics = memoryMetrics()
  const copies = { cache: memoryCache({ clock: systemClock() }), codec: avroCodec(), rows: 'r1', metrics }
  const between = (features: FeatureStore): FeatureStore =>
    cachedFeatureStore({
      ...copies,
      features: {
        ...features,
        async user(userId) {
          rows.reads++
          if (rows.isDown) throw new MillraceError('store-failed', 'no answer')
          return features.user(userId)
        },
      },
    })
  const world = await worldWithFilms({ between, serving: { cachedRows: 0, rememberedNotices: 100 } })
  await world.publish('m1')
  await world.rate('ann', 'film-0', 5)
  await world.caughtUp()
  const [first, second] = [await serverOf(world), await serverOf(world)]

  await get(first, url)
  expect(await get(second, url)).toMatchObject({ degraded: [] })
  expect([rows.reads, metrics.value('millrace_cache_hits_total', shared)]).toEqual([1, 1])

  await world.rate('ann', 'film-2', 5)
  await world.caughtUp()
  for (const app of [first, second]) {
    const answer = await get(app, url)
    expect(answer.degraded).toEqual([])
    expect(idsOf(answer)).not.toContain('film-2')
  }
  expect([rows.reads, metrics.value('millrace_cache_hits_total', shared)]).toEqual([2, 2])

  rows.isDown = true
  expect((await get(second, url)).degraded).toEqual([])
  await world.rate('ann', 'film-4', 5)
  await world.caughtUp()
  expect((await get(second, url)).degraded).toEqual(['stale'])
  expect(world.metrics.value('millrace_degraded_total', { mode: 'stale' })).toBe(1)
})
