import type { Clock } from '#schemas/ports/clock.ts'

export interface Chores {
  /** Does `act` after every `ms`, one at a time; a failure is reported and the next comes in its turn. */
  every(ms: number, doing: string, act: () => Promise<void>): void
  /** Resolves when nothing is under way. */
  stop(): Promise<void>
}

/** What a role does now and then. */
export function chores(clock: Pick<Clock, 'sleep'>, report: (error: unknown, doing: string) => void): Chores {
  const stopping = new AbortController()
  const running: Promise<void>[] = []

  async function repeat(ms: number, doing: string, act: () => Promise<void>): Promise<void> {
    for (;;) {
      await clock.sleep(ms, stopping.signal)
      if (stopping.signal.aborted) return
      try {
        await act()
      } catch (error) {
        report(error, doing)
      }
    }
  }

  return {
    every: (ms, doing, act) => void running.push(repeat(ms, doing, act)),
    async stop() {
      stopping.abort()
      await Promise.all(running)
    },
  }
}
