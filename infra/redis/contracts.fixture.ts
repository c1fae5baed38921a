import type { RateLimiter } from '#schemas/ports/rate-limiter.ts'
import { cacheContract } from '#schemas/ports/cache.contract.ts'
import { leaseContract } from '#schemas/ports/lease.contract.ts'
import { rateLimiterContract } from '#schemas/ports/rate-limiter.contract.ts'
import { redisCache } from './cache.ts'
import { redisLease } from './lease.ts'
import type { OwnKeys } from './own-keys.fixture.ts'
import { redisRateLimiter } from './rate-limiter.ts'

/** A limiter to go on with without Redis: its test fails when it is asked. */
export const unused: RateLimiter = {
  take: () => Promise.reject(new Error('the local limiter was asked while Redis answers')),
}

/** What everything on Redis does, however Redis is set up. */
export function redisContracts(name: string, open: () => Promise<OwnKeys>): void {
  cacheContract(name, async () => {
    const { connection, pass } = await open()
    return { cache: redisCache({ connection }), pass }
  })
  leaseContract(name, async () => {
    const { connection, pass } = await open()
    return { lease: redisLease({ connection }), pass }
  })
  rateLimiterContract(
    name,
    async () => {
      const { connection, now } = await open()
      return {
        limiter: redisRateLimiter({ connection, local: unused }),
        now,
        async pass(ms) {
          const until = (await now()) + ms
          while ((await now()) < until) await new Promise(setImmediate)
        },
      }
    },
    20,
  )
}
