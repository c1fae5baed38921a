/** How many requests may be under way at once, found by how they end. */
export interface AdaptiveLimit {
  hasRoom(): boolean
  underWay(): number
  /** One more is under way, whether there was room or not. */
  begin(): Begun
}

export interface Begun {
  /** Once. `in-time`: as soon as somebody still waited for it; `unknown`: it says nothing of how much there is to do. */
  end(as: 'in-time' | 'too-late' | 'unknown'): void
}

/** So many are let in however they end: by them it is seen when there is room again. */
const least = 4
const backOff = 0.5

/**
 * Additive increase, multiplicative decrease (Chiu and Jain 1989), as TCP finds what a network can carry: half as many
 * when one came too late, and one more for every round or two of them in time that came near it. Without it, a
 * server with more to do than it can works for those who have gone, and for nobody else. It begins at `first`, and until it
 * is lowered it grows by one for each in time.
 */
export function adaptiveLimit(most: number, first = most): AdaptiveLimit {
  let underWay = 0
  let limit = Math.min(first, most)
  /** Most under way at once since the limit was lowered. */
  let peak = 0
  /** Times it was lowered. */
  let lowered = 0

  function lower(): void {
    limit = Math.max(Math.min(least, most), Math.floor(backOff * Math.min(limit, peak)))
    peak = underWay
    lowered++
  }

  return {
    hasRoom: () => underWay < Math.floor(limit),
    underWay: () => underWay,
    begin() {
      const together = ++underWay
      const loweredBefore = lowered
      peak = Math.max(peak, underWay)
      return {
        end(as) {
          underWay--
          if (as === 'in-time' && together >= limit / 2) limit = Math.min(most, limit + (lowered === 0 ? 1 : 1 / limit))
          // Those that began before the limit was lowered say nothing of the lower one.
          if (as === 'too-late' && loweredBefore === lowered) lower()
        },
      }
    },
  }
}
