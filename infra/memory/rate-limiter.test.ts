import { describe, expect, it } from 'vitest'
import { rateLimiterContract } from '#schemas/ports/rate-limiter.contract.ts'
import { manualClock } from './manual-clock.ts'
import { memoryRateLimiter } from './rate-limiter.ts'

rateLimiterContract('memory', async () => {
  const clock = manualClock(1_700_000_000_000)
  return { limiter: memoryRateLimiter({ clock }), now: () => clock.now(), pass: (ms) => clock.advance(ms) }
})

describe('The memory rate limiter', () => {
  it('forgets the least recently used name when it has too many', async () => {
    const limiter = memoryRateLimiter({ clock: manualClock(), maxNames: 2 })
    const limit = { perSecond: 0.01, burst: 1 }
    for (const name of ['a', 'b', 'a', 'c']) await limiter.take(name, limit)
    expect((await limiter.take('a', limit)).allowed).toBe(false)
    expect((await limiter.take('b', limit)).allowed).toBe(true)
  })
})
