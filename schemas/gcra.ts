import type { RateDecision, RateLimit } from './ports/rate-limiter.ts'

/** A microsecond early is in time: sums of fractions on top of an epoch time are rounded by less. In ms. */
const rounding = 0.001

/**
 * The generic cell rate algorithm (ITU-T I.371, virtual scheduling): of a name only the theoretical arrival time is kept, the moment at
 * which all its tokens are back. Taking n tokens moves it n/perSecond further, and is allowed while it stays within
 * burst/perSecond of now. Times in ms. Answers the decision and the arrival time to keep.
 */
export function gcra(
  arrival: number | undefined,
  now: number,
  limit: RateLimit,
  tokens: number,
): { readonly decision: RateDecision; readonly arrival: number } {
  const interval = 1_000 / limit.perSecond
  const tolerance = limit.burst * interval
  const before = Math.max(arrival ?? now, now)
  const after = before + tokens * interval
  const early = after - tolerance - now
  const allowed = early <= rounding
  const kept = allowed ? after : before
  const remaining = Math.max(0, Math.floor((tolerance - (kept - now) + rounding) / interval))
  const retryAfterMs = allowed ? 0 : tokens > limit.burst ? Infinity : Math.ceil(early)
  return { decision: { allowed, remaining, retryAfterMs }, arrival: kept }
}
