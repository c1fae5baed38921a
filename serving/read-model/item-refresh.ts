import { setImmediate } from 'node:timers/promises'
import type { Clock } from '#schemas/ports/clock.ts'

/** Reads items again after notices: each at most once at a time, and once for many notices. */
export interface ItemRefresh {
  add(itemId: string): void
  /** Resolves once every item added so far was read again. */
  idle(): Promise<void>
  waiting(): number
  stop(): Promise<void>
}

/** What failed is not tried again sooner, whoever waits. */
const retryMs = 200

/**
 * Items are read in the order of their first notice, at most `batch` at once, `pauseMs` apart: popular items change with
 * every event, and reading them each time would take the time of answers. While somebody waits for `idle` there is
 * no pause, but others have a turn between batches.
 */
export function itemRefresh(options: {
  readonly read: (itemId: string) => Promise<void>
  readonly batch: number
  readonly pauseMs: number
  readonly clock: Clock
  readonly report: (error: unknown, doing: string) => void
}): ItemRefresh {
  const { read, batch, pauseMs, clock, report } = options
  const pending = new Set<string>()
  const stopping = new AbortController()
  let hurried = new AbortController()
  let waiters = 0
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    try {
      while (pending.size > 0 && !stopping.signal.aborted) {
        const chosen = [...pending].slice(0, batch)
        for (const itemId of chosen) pending.delete(itemId)
        const read = await Promise.all(chosen.map(readOne))
        if (read.includes(false)) await clock.sleep(retryMs, stopping.signal)
        else if (waiters === 0) await clock.sleep(pauseMs, AbortSignal.any([hurried.signal, stopping.signal]))
        // Reads may take no turn of their own: without this, all that waits would be read in one turn of the event loop.
        else await setImmediate()
      }
    } finally {
      // In the same turn as the last look at `pending`: what is added from now on starts another run.
      running = undefined
    }
  }

  /** False when it has to be tried again. */
  async function readOne(itemId: string): Promise<boolean> {
    try {
      await read(itemId)
      return true
    } catch (error) {
      report(error, `reading item ${itemId}`)
      pending.add(itemId)
      return false
    }
  }

  return {
    add(itemId) {
      pending.add(itemId)
      if (stopping.signal.aborted) return
      running ??= Promise.resolve().then(run)
    },
    async idle() {
      waiters++
      hurried.abort()
      try {
        for (let under = running; under !== undefined; under = running) await under
      } finally {
        waiters--
        hurried = new AbortController()
      }
    },
    waiting: () => pending.size,
    async stop() {
      stopping.abort()
      await running
    },
  }
}
