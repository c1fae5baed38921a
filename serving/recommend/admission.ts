import { MillraceError } from '#schemas/errors.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'

/** Lets as many computations be under way at once as end in time. */
export interface Admission {
  /** Runs the computation, or throws `overloaded` at once: nothing waits in line. */
  admit<T>(compute: () => Promise<T>): Promise<T>
}

export interface AdmissionOptions {
  /** Under way at once, however fast they are. */
  readonly most: number
  /** One that takes longer, in ms, is a sign that too many are under way. */
  readonly longestMs: number
  /** Ms, of a clock that never goes back. */
  readonly now: () => number
  readonly metrics: Metrics
}

/** So many are let in however long they take: by them it is seen when they have become faster. */
const least = 4
const backOff = 0.8

/**
 * A limit by additive increase and multiplicative decrease (Chiu and Jain 1989), as TCP finds what a network can carry:
 * down when a computation took too long, up by one while they are in time and the limit is what holds more back. Without
 * it an overloaded instance computes what nobody waits for any more, and nothing else.
 */
export function admission({ most, longestMs, now, metrics }: AdmissionOptions): Admission {
  let underWay = 0
  let limit = most
  /** Most under way at once since the limit was lowered. */
  let peak = 0
  let lowered = -Infinity
  const tell = () => metrics.gauge('millrace_pool_in_use', underWay, { pool: 'recommendations' })

  function learn(from: number, together: number): void {
    const to = now()
    if (to - from <= longestMs) {
      if (together >= limit) limit = Math.min(most, limit + 1)
      return
    }
    // Those that began before the limit was lowered say nothing of the lower one.
    if (from <= lowered) return
    limit = Math.max(Math.min(least, most), Math.floor(backOff * Math.min(limit, peak)))
    peak = underWay
    lowered = to
  }

  return {
    async admit(compute) {
      if (underWay >= limit) {
        metrics.count('millrace_shed_total')
        throw new MillraceError('overloaded', `${underWay} recommendations are being computed; try again`, {
          retriable: true,
        })
      }
      const together = ++underWay
      peak = Math.max(peak, underWay)
      const from = now()
      tell()
      try {
        return await compute()
      } finally {
        underWay--
        learn(from, together)
        tell()
      }
    },
  }
}
