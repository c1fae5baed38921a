import type { Clock } from '#schemas/ports/clock.ts'

/** Time that stands still until it is told to pass. */
export interface ManualClock extends Clock {
  /** Lets time pass and wakes whoever was to wake by then, in the order of their times. */
  advance(ms: number): void
  /** How many are asleep: a test waits for one before it advances. */
  sleepers(): number
}

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

export function manualClock(start = 0): ManualClock {
  let now = start
  let asleep: Sleeper[] = []
  return {
    now: () => now,
    sleepers: () => asleep.length,
    sleep(ms, signal) {
      if (ms <= 0 || signal?.aborted === true) return Promise.resolve()
      return new Promise((resolve) => {
        const sleeper: Sleeper = {
          until: now + ms,
          wake() {
            asleep = asleep.filter((other) => other !== sleeper)
            signal?.removeEventListener('abort', sleeper.wake)
            resolve()
          },
        }
        asleep.push(sleeper)
        signal?.addEventListener('abort', sleeper.wake)
      })
    },
    advance(ms) {
      now += ms
      const due = asleep.filter((sleeper) => sleeper.until <= now).sort((a, b) => a.until - b.until)
      for (const sleeper of due) sleeper.wake()
    },
  }
}
