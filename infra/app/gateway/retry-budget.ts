export interface RetryBudget {
  /** A request came in. */
  earn(): void
  /** Whether a request may be sent once more. */
  spend(): boolean
}

/** Of requests that overloaded instances refuse one in five is tried elsewhere: all of them would double the load. */
export function retryBudget(share = 0.2, most = 20): RetryBudget {
  let left = most
  return {
    earn() {
      left = Math.min(most, left + share)
    },
    spend() {
      if (left < 1) return false
      left--
      return true
    },
  }
}
