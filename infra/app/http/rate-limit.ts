import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RateLimit, RateLimiter } from '#schemas/ports/rate-limiter.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** False for a route whose requests are not counted: health and metrics. */
    rateLimit?: false
  }
}

export interface RequestLimit {
  readonly limiter: RateLimiter
  /** Requests of one caller. */
  readonly limit: RateLimit
}

/** As many requests a minute, and at once after a rest. */
export function perMinute(requests: number): RateLimit {
  return { perSecond: requests / 60, burst: requests }
}

/**
 * Counts a request under its API key, else under its address, says in `RateLimit` and `RateLimit-Policy`
 * (draft-ietf-httpapi-ratelimit-headers-11) what is left, and throws what is answered as 429. `keyName`: of a key that is ours; an unknown key must
 * not count for itself, or whoever makes keys up has no limit.
 */
export async function countRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  keyName: string | undefined,
  { limiter, limit }: RequestLimit,
): Promise<void> {
  if (request.routeOptions.config.rateLimit === false) return
  const caller = keyName === undefined ? `address:${request.ip}` : `key:${keyName}`
  const { allowed, remaining, retryAfterMs } = await limiter.take(`requests:${caller}`, limit)
  const quota = Math.floor(limit.burst)
  const wholeIn = Math.ceil((quota - remaining) / limit.perSecond)
  void reply.header('ratelimit-policy', `"requests";q=${quota};w=${Math.ceil(quota / limit.perSecond)}`)
  void reply.header('ratelimit', `"requests";r=${remaining};t=${wholeIn}`)
  if (allowed) return
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1_000))
  void reply.header('retry-after', String(seconds))
  throw Object.assign(new Error(`More requests than allowed; the next one is in ${seconds} s.`), { statusCode: 429 })
}
