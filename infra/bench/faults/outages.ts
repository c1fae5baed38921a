/** The longest time without a success, while successes were asked for. */
export interface OutageMeter {
  succeeded(): void
  /** Ms; the time since the last success counts too. */
  longestMs(): number
}

export function outageMeter(now: () => number): OutageMeter {
  let last = now()
  let longest = 0
  return {
    succeeded() {
      const at = now()
      longest = Math.max(longest, at - last)
      last = at
    },
    longestMs: () => Math.max(longest, now() - last),
  }
}
