import { setImmediate } from 'node:timers/promises'
import type { Clock } from '#schemas/ports/clock.ts'

/** Reads items again after notices: each at most once at a time, and once for many notices. */
export interface ItemRefresh {
  add(itemId: string): void
  /**
   * Resolves once every item added before the call was read again, or reading was stopped; what is added later does not
   * delay it. Until then there is no pause between batches, unless `hurry` is false.
   */
  idle(options?: { readonly hurry?: boolean }): Promise<void>
  waiting(): number
  stop(): Promise<void>
}

/** Somebody who waits for items, with the first batch whose reading of each will do. */
interface Waiter {
  readonly left: Map<string, number>
  readonly done: PromiseWithResolvers<void>
}

/** What failed is not tried again sooner, whoever waits. */
const retryMs = 200

/**
 * Items are read in the order of their first notice, at most `batch` at once, `pauseMs` apart: popular items change with
 * every event, and reading them each time would take the time of answers. While somebody waits in a hurry there is no
 * pause, but others have a turn between batches.
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
  let hurrying = 0
  let batches = 0
  let reading: readonly string[] = []
  const waiters = new Set<Waiter>()
  let running: Promise<void> | undefined

  async function run(): Promise<void> {
    try {
      while (pending.size > 0 && !stopping.signal.aborted) {
        const chosen = firstOf(pending, batch)
        for (const itemId of chosen) pending.delete(itemId)
        batches++
        reading = chosen
        const read = await Promise.all(chosen.map(readOne))
        reading = []
        tell(chosen.filter((_, i) => read[i]))
        if (read.includes(false)) await clock.sleep(retryMs, stopping.signal)
        else if (hurrying === 0) await clock.sleep(pauseMs, AbortSignal.any([hurried.signal, stopping.signal]))
        // Reads may take no turn of their own: without this, all that waits would be read in one turn of the event loop.
        else await setImmediate()
      }
    } finally {
      // In the same turn as the last look at `pending`: what is added from now on starts another run.
      running = undefined
      for (const { done } of waiters) done.resolve()
    }
  }

  function tell(read: readonly string[]): void {
    for (const { left, done } of waiters) {
      for (const itemId of read) if ((left.get(itemId) ?? Infinity) <= batches) left.delete(itemId)
      if (left.size === 0) done.resolve()
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
    async idle({ hurry = true } = {}) {
      if (running === undefined) return
      // An item that is being read and waits again has changed since the read began.
      const left = new Map(reading.map((itemId) => [itemId, batches]))
      for (const itemId of pending) left.set(itemId, batches + 1)
      const waiter = { left, done: Promise.withResolvers<void>() }
      waiters.add(waiter)
      if (hurry) {
        hurrying++
        hurried.abort()
      }
      try {
        if (left.size > 0) await waiter.done.promise
      } finally {
        waiters.delete(waiter)
        if (hurry && --hurrying === 0) hurried = new AbortController()
      }
    },
    waiting: () => pending.size,
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** Without looking at the others: many may wait. */
function firstOf(all: Iterable<string>, count: number): string[] {
  const first: string[] = []
  for (const one of all) {
    if (first.length === count) break
    first.push(one)
  }
  return first
}
