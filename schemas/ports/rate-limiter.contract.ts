import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RateLimit, RateLimiter } from './rate-limiter.ts'

export interface RateLimiterSubject {
  readonly limiter: RateLimiter
  /** The limiter's own clock, ms; may have fractions. */
  readonly now: () => Promise<number> | number
  /** Makes at least `ms` pass on that clock. */
  readonly pass: (ms: number) => Promise<void> | void
}

/** `runs` of random calls; limits are slow enough that a machine out of breath changes nothing. */
export function rateLimiterContract(name: string, open: () => Promise<RateLimiterSubject>, runs = 100): void {
  describe(`RateLimiter: ${name}`, () => {
    it('allows a whole burst at once, then nothing', async () => {
      const { limiter } = await open()
      const limit = { perSecond: 0.01, burst: 3 }
      const decisions = await inTurn(4, () => limiter.take('ann', limit))
      expect(decisions.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
        [true, 2],
        [true, 1],
        [true, 0],
        [false, 0],
      ])
      expect(decisions.slice(0, 3).map(({ retryAfterMs }) => retryAfterMs)).toEqual([0, 0, 0])
    })

    it('keeps names apart', async () => {
      const { limiter } = await open()
      const limit = { perSecond: 0.01, burst: 1 }
      await limiter.take('ann', limit)
      expect((await limiter.take('bob', limit)).allowed).toBe(true)
      expect((await limiter.take('ann', limit)).allowed).toBe(false)
    })

    it('allows again when the time it named is over', async () => {
      const { limiter, pass } = await open()
      const limit = { perSecond: 20, burst: 1 }
      const { retryAfterMs } = await takenUntilRefused(limiter, limit)
      expect(retryAfterMs).toBeGreaterThan(0)
      expect(retryAfterMs).toBeLessThanOrEqual(50)
      await pass(retryAfterMs)
      expect((await limiter.take('ann', limit)).allowed).toBe(true)
    })

    it('takes all of several tokens or none', async () => {
      const { limiter } = await open()
      const limit = { perSecond: 0.01, burst: 5 }
      expect(await limiter.take('ann', limit, 3)).toMatchObject({ allowed: true, remaining: 2 })
      expect(await limiter.take('ann', limit, 3)).toMatchObject({ allowed: false, remaining: 2 })
      expect(await limiter.take('ann', limit, 2)).toMatchObject({ allowed: true, remaining: 0 })
    })

    it('never allows more than the burst, and says so', async () => {
      const { limiter } = await open()
      const refused = await limiter.take('ann', { perSecond: 0.01, burst: 2 }, 3)
      expect(refused).toEqual({ allowed: false, remaining: 2, retryAfterMs: Infinity })
    })

    it('allows no more than the burst, however many ask at once', async () => {
      const { limiter } = await open()
      const limit = { perSecond: 0.01, burst: 10 }
      const decisions = await Promise.all(Array.from({ length: 50 }, () => limiter.take('ann', limit)))
      expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(10)
      expect(new Set(decisions.filter(({ allowed }) => allowed).map(({ remaining }) => remaining)).size).toBe(10)
    })

    it('decides as a bucket does that fills up drop by drop', async () => {
      const { limiter, now, pass } = await open()
      const step = fc.record({ passMs: fc.integer({ min: 0, max: 30 }), tokens: fc.integer({ min: 1, max: 4 }) })
      const limits = fc.record({ perSecond: fc.integer({ min: 1, max: 200 }), burst: fc.integer({ min: 1, max: 5 }) })
      let run = 0
      await fc.assert(
        fc.asyncProperty(limits, fc.array(step, { minLength: 1, maxLength: 12 }), async (limit, steps) => {
          const bucket = leakyBounds(limit)
          const key = `run ${run++}`
          for (const { passMs, tokens } of steps) {
            await pass(passMs)
            const from = await now()
            const decision = await limiter.take(key, limit, tokens)
            bucket.check(decision, tokens, from, await now())
          }
        }),
        { numRuns: runs },
      )
      expect(run).toBeGreaterThanOrEqual(runs)
    })
  })
}

/**
 * A token bucket, known as well as the moments of its calls are: each happened somewhere between two readings of the clock, so
 * the bucket holds between `least` and `most` tokens. With an exact clock the two are one.
 */
function leakyBounds({ perSecond, burst }: RateLimit) {
  const rounding = 1e-3
  let least = burst
  let most = burst
  let at: { readonly from: number; readonly to: number } | undefined
  return {
    check(
      decision: { readonly allowed: boolean; readonly remaining: number; readonly retryAfterMs: number },
      tokens: number,
      from: number,
      to: number,
    ): void {
      const since = at ?? { from, to }
      at = { from, to }
      least = Math.min(burst, least + (Math.max(0, from - since.to) * perSecond) / 1_000)
      most = Math.min(burst, most + ((to - since.from) * perSecond) / 1_000)
      if (decision.allowed) {
        expect(most).toBeGreaterThanOrEqual(tokens - rounding)
        expect(decision.retryAfterMs).toBe(0)
        least = Math.max(0, least - tokens)
        most = Math.max(0, most - tokens)
      } else {
        expect(least).toBeLessThan(tokens + rounding)
        most = Math.min(most, tokens)
        if (tokens > burst) expect(decision.retryAfterMs).toBe(Infinity)
        else {
          expect(decision.retryAfterMs).toBeGreaterThanOrEqual(((tokens - most) * 1_000) / perSecond - 1)
          expect(decision.retryAfterMs).toBeLessThanOrEqual(((tokens - least) * 1_000) / perSecond + 1 + rounding)
        }
      }
      expect(decision.remaining).toBeGreaterThanOrEqual(Math.floor(least - rounding))
      expect(decision.remaining).toBeLessThanOrEqual(Math.floor(most + rounding))
    },
  }
}

async function inTurn<T>(times: number, call: () => Promise<T>): Promise<T[]> {
  const answers: T[] = []
  for (let i = 0; i < times; i++) answers.push(await call())
  return answers
}

/** The first refusal: on a real clock a token may come back while we ask. */
async function takenUntilRefused(limiter: RateLimiter, limit: RateLimit) {
  for (;;) {
    const decision = await limiter.take('ann', limit)
    if (!decision.allowed) return decision
  }
}
