import { drawFrom, type Random } from './randomness.ts'

const hour = 3_600_000
const day = 24 * hour

/** Sessions of each hour of the day (UTC) relative to the mean: quiet nights, full evenings. */
export const hourly = [
  0.5, 0.3, 0.2, 0.15, 0.15, 0.2, 0.4, 0.7, 0.9, 1, 1, 1.1, 1.3, 1.2, 1, 1, 1.1, 1.3, 1.6, 1.9, 2.1, 2, 1.6, 1.3,
]

/** Of each day of the week, Sunday first. */
export const daily = [1.25, 0.85, 0.85, 0.9, 0.95, 1, 1.2]

/** Start times of sessions without end: denser in the evening and at the weekend. */
export function* sessionStarts(
  options: { readonly startAt: number; readonly sessionsPerDay: number },
  random: Random,
): Generator<number> {
  const meanGap = day / options.sessionsPerDay
  for (let at = options.startAt; ;) {
    yield Math.floor(at)
    const busy = hourly[Math.floor((at % day) / hour)]! * daily[weekday(at)]!
    at += (drawFrom(0, 2_000, random) / 1_000) * Math.min(meanGap / busy, hour)
  }
}

/** 1970 began on a Thursday. */
function weekday(at: number): number {
  return (Math.floor(at / day) + 4) % 7
}
