/** Lets calls through while they are answered, and none for a while after they were not. */
export interface Circuit {
  /** False: do not call now. True: call, and then say `answered` or `unanswered`. */
  admits(): boolean
  answered(): void
  unanswered(): void
}

export interface CircuitOptions {
  /** Calls in a row that go unanswered before the rest begins. */
  readonly patience: number
  /** How long nobody calls. */
  readonly restMs: number
  /** Monotonic, ms. */
  readonly now: () => number
}

/** After a rest one call goes ahead as a probe: the others wait for what becomes of it. */
export function circuit({ patience, restMs, now }: CircuitOptions): Circuit {
  let unansweredInARow = 0
  let restsUntil = -Infinity
  return {
    admits() {
      if (unansweredInARow < patience) return true
      if (now() < restsUntil) return false
      restsUntil = now() + restMs
      return true
    },
    answered() {
      unansweredInARow = 0
    },
    unanswered() {
      if (++unansweredInARow >= patience) restsUntil = now() + restMs
    },
  }
}
