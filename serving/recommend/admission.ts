import { adaptiveLimit } from '#schemas/adaptive-limit.ts'
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

export function admission({ most, longestMs, now, metrics }: AdmissionOptions): Admission {
  const limit = adaptiveLimit(most)
  const tell = () => metrics.gauge('millrace_pool_in_use', limit.underWay(), { pool: 'recommendations' })
  return {
    async admit(compute) {
      if (!limit.hasRoom()) {
        metrics.count('millrace_shed_total')
        throw new MillraceError('overloaded', `${limit.underWay()} recommendations are being computed; try again`, {
          retriable: true,
        })
      }
      const begun = limit.begin()
      const from = now()
      tell()
      try {
        return await compute()
      } finally {
        begun.end(now() - from > longestMs ? 'too-late' : 'in-time')
        tell()
      }
    },
  }
}
