import { seededRandom } from './random.ts'

/** Where a figure would lie in 95 of 100 draws of as many users. */
export interface Interval {
  readonly low: number
  readonly high: number
}

const resamples = 1_000

/**
 * Percentile bootstrap intervals of means (Efron 1979): users are drawn with replacement, as many as there are, a
 * thousand times. Column c holds one figure of every user; each draw serves all columns, so intervals of one call may
 * be compared. The interval holds the mean itself.
 */
export function bootstrapMeans(columns: readonly Float64Array[], seed: number): Interval[] {
  const users = columns[0]?.length ?? 0
  if (users === 0) return columns.map(() => ({ low: 0, high: 0 }))
  const random = seededRandom(seed)
  const means = columns.map(() => new Float64Array(resamples))
  const drawn = new Uint16Array(users)
  for (let draw = 0; draw < resamples; draw++) {
    drawn.fill(0)
    for (let i = 0; i < users; i++) drawn[Math.floor(random() * users)]!++
    for (const [c, column] of columns.entries()) {
      let sum = 0
      for (let user = 0; user < users; user++) sum += drawn[user]! * column[user]!
      means[c]![draw] = sum / users
    }
  }
  return means.map((drawnMeans, c) => {
    const mean = meanOf(columns[c]!)
    drawnMeans.sort()
    return {
      low: Math.min(mean, drawnMeans[Math.floor(0.025 * resamples)]!),
      high: Math.max(mean, drawnMeans[Math.ceil(0.975 * resamples) - 1]!),
    }
  })
}

/** 0 of nothing. */
export function meanOf(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return values.length === 0 ? 0 : sum / values.length
}

/**
 * value ± 1.96 standard errors by the jackknife over g groups of users: (g − 1)/g Σ_j (θ_j − θ̄)², θ_j the figure without
 * group j (Shao and Tu 1995, section 2.3). For figures of all lists together, such as coverage: a resample repeats users
 * and so shows fewer items than the users did, and its percentiles lie below the figure.
 */
export function jackknifeInterval(value: number, without: readonly number[]): Interval {
  const mean = meanOf(without)
  const squares = without.reduce((sum, one) => sum + (one - mean) ** 2, 0)
  const error = 1.96 * Math.sqrt((squares * (without.length - 1)) / Math.max(1, without.length))
  return { low: value - error, high: value + error }
}
