import { MillraceError } from '#schemas/errors.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'

/** Lets a bounded number of computations be under way at once. */
export interface Admission {
  /** Runs the computation, or throws `overloaded` at once: nothing waits in line. */
  admit<T>(compute: () => Promise<T>): Promise<T>
}

export function admission(most: number, metrics: Metrics): Admission {
  let underWay = 0
  const tell = () => metrics.gauge('millrace_pool_in_use', underWay, { pool: 'recommendations' })
  return {
    async admit(compute) {
      if (underWay >= most) {
        metrics.count('millrace_shed_total')
        throw new MillraceError('overloaded', `${most} recommendations are being computed; try again`, {
          retriable: true,
        })
      }
      underWay++
      tell()
      try {
        return await compute()
      } finally {
        underWay--
        tell()
      }
    },
  }
}
