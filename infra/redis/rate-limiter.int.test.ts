import { describe, expect, it } from 'vitest'
import { manualClock } from '#infra/memory/manual-clock.ts'
import { memoryMetrics } from '#infra/memory/metrics.ts'
import { memoryRateLimiter } from '#infra/memory/rate-limiter.ts'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { unused } from './contracts.fixture.ts'
import { ownKeys } from './own-keys.fixture.ts'
import { redisRateLimiter } from './rate-limiter.ts'

const redis = testServer('redis')

describe.skipIf(redis === undefined)('on a Redis server', () => {
  const url = redis?.url ?? ''

  it('limiters of several processes take from one burst', async () => {
    const { connection } = await ownKeys([url])
    const limit = { perSecond: 0.01, burst: 10 }
    const limiters = [1, 2, 3].map(() => redisRateLimiter({ connection, local: unused }))
    const decisions = await Promise.all(Array.from({ length: 60 }, (_, i) => limiters[i % 3]!.take('ann', limit)))
    expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(10)
  })

  it('a limiter keeps nothing of a name that is at rest', async () => {
    const { connection } = await ownKeys([url])
    const limiter = redisRateLimiter({ connection, local: unused })
    await limiter.take('ann', { perSecond: 1_000, burst: 1 })
    await expect.poll(() => connection.get('ann')).toBeUndefined()
  })

  it('a limiter whose Redis is gone decides alone, and counts it', async () => {
    const { connection } = await ownKeys([url])
    const metrics = memoryMetrics()
    const local = memoryRateLimiter({ clock: manualClock() })
    const limiter = redisRateLimiter({ connection, local, metrics })
    await connection.close()
    const limit = { perSecond: 1, burst: 1 }
    expect([await limiter.take('ann', limit), await limiter.take('ann', limit)]).toMatchObject([
      { allowed: true },
      { allowed: false, retryAfterMs: 1_000 },
    ])
    expect(metrics.value('millrace_rate_limit_local_total')).toBe(2)
  })
})
