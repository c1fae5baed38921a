import { gcra } from '#schemas/gcra.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { RateLimiter } from '#schemas/ports/rate-limiter.ts'

export interface MemoryRateLimiterOptions {
  readonly clock: Clock
  /** Names kept; beyond it the least recently used start anew, with a whole burst. Default 100,000. */
  readonly maxNames?: number
}

/** A rate limiter within this process. */
export function memoryRateLimiter({ clock, maxNames = 100_000 }: MemoryRateLimiterOptions): RateLimiter {
  /** Least recently used first. */
  const arrivals = new Map<string, number>()
  return {
    async take(key, limit, tokens = 1) {
      const { decision, arrival } = gcra(arrivals.get(key), clock.now(), limit, tokens)
      arrivals.delete(key)
      arrivals.set(key, arrival)
      const oldest = arrivals.keys().next()
      if (arrivals.size > maxNames && oldest.done !== true) arrivals.delete(oldest.value)
      return decision
    },
  }
}
