import { noMetrics, type Metrics } from '#schemas/ports/metrics.ts'
import { isMillraceError } from '#schemas/errors.ts'
import type { RateDecision, RateLimit, RateLimiter } from '#schemas/ports/rate-limiter.ts'
import type { RedisConnection } from './connect.ts'
import { luaScript } from './lua-script.ts'

/**
 * The function `gcra` of the schemas, by the clock of Redis: of all who ask nobody's own clock matters. In microseconds.
 * KEYS: arrival time. ARGV: tokens a second, burst, tokens asked for. Answers allowed, remaining, µs until it would be.
 */
const take = luaScript(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval = 1000000 / ARGV[1]
local tolerance = ARGV[2] * interval
local before = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local after = before + ARGV[3] * interval
local early = after - tolerance - now
local kept = before
local allowed = early <= 1
if allowed then
  kept = after
  redis.call('SET', KEYS[1], string.format('%.17g', kept), 'PX', math.max(1, math.ceil((kept - now) / 1000)))
end
local remaining = math.floor((tolerance - (kept - now) + 1) / interval)
return { allowed and 1 or 0, math.max(0, remaining), math.ceil(early) }
`)

export interface RedisRateLimiterOptions {
  readonly connection: RedisConnection
  /** Decides while Redis does not answer: then every process has the whole limit to itself. */
  readonly local: RateLimiter
  readonly metrics?: Metrics
}

/** A rate limiter that processes share: one round trip a call. */
export function redisRateLimiter({ connection, local, metrics = noMetrics }: RedisRateLimiterOptions): RateLimiter {
  async function shared(key: string, { perSecond, burst }: RateLimit, tokens: number): Promise<RateDecision> {
    const reply = await connection.run(take, [key], [String(perSecond), String(burst), String(tokens)])
    const [allowed = 0, remaining = 0, early = 0] = Array.isArray(reply) ? reply.map(Number) : []
    if (allowed === 1) return { allowed: true, remaining, retryAfterMs: 0 }
    return { allowed: false, remaining, retryAfterMs: tokens > burst ? Infinity : Math.ceil(early / 1_000) }
  }

  return {
    async take(key, limit, tokens = 1) {
      try {
        return await shared(key, limit, tokens)
      } catch (error) {
        if (!isMillraceError(error, 'store-failed')) throw error
        metrics.count('millrace_rate_limit_local_total')
        return local.take(key, limit, tokens)
      }
    },
  }
}
