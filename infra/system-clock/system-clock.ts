import type { Clock } from '#schemas/ports/clock.ts'

/** The machine's clock. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    async sleep(ms, signal) {
      const until = performance.now() + ms
      const isOver = (): boolean => signal?.aborted === true || performance.now() >= until
      while (!isOver()) await nap(Math.min(Math.max(0, until - performance.now()), longestTimer), signal)
    },
  }
}

/** Node's timers fire at once beyond this. */
const longestTimer = 2 ** 31 - 1

function nap(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, ms)
    signal?.addEventListener('abort', wake)
  })
}
