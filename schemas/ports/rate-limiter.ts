export interface RateLimit {
  /** Tokens that come back a second. */
  readonly perSecond: number
  /** Tokens that may be taken at once after a rest. */
  readonly burst: number
}

export interface RateDecision {
  readonly allowed: boolean
  /** Tokens that could be taken now. */
  readonly remaining: number
  /** Until the refused call would be allowed; 0 when it was, Infinity for more tokens than the burst. */
  readonly retryAfterMs: number
}

/** Limits how often something happens under a name, however many processes ask (GCRA: no window whose edge lets twice as much through). */
export interface RateLimiter {
  /** Takes `tokens` (default 1) when there are as many, else none. Never rejects: a limiter that cannot be reached decides locally. */
  take(key: string, limit: RateLimit, tokens?: number): Promise<RateDecision>
}
