import type { PartitionBounds } from '#schemas/ports/event-log.ts'
import type { Position } from '#schemas/position.ts'

/** How far each partition of one topic has been read, and who waits for it. */
export interface Progress {
  advance(partition: number, next: number): void
  fail(error: unknown): void
  positions(): readonly Position[]
  /** Resolves once every partition has passed what its bounds held. */
  reached(bounds: readonly PartitionBounds[]): Promise<void>
}

interface Waiter {
  readonly ends: readonly PartitionBounds[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export function progress(start: readonly Position[]): Progress {
  const next = start.map((at) => ({ ...at }))
  let waiters: readonly Waiter[] = []
  let failure: { readonly error: unknown } | undefined

  const isPast = (ends: readonly PartitionBounds[]) =>
    ends.every((bounds) => bounds.start === bounds.end || (next[bounds.partition]?.offset ?? 0) >= bounds.end)

  return {
    advance(partition, offset) {
      const at = next[partition]
      if (at !== undefined) at.offset = offset
      const done = waiters.filter((waiter) => isPast(waiter.ends))
      if (done.length === 0) return
      waiters = waiters.filter((waiter) => !done.includes(waiter))
      for (const waiter of done) waiter.resolve()
    },
    fail(error) {
      failure = { error }
      for (const waiter of waiters) waiter.reject(error)
      waiters = []
    },
    positions: () => next.map((at) => ({ ...at })),
    reached(ends) {
      if (failure !== undefined) return Promise.reject(failure.error)
      if (isPast(ends)) return Promise.resolve()
      return new Promise((resolve, reject) => {
        waiters = [...waiters, { ends, resolve, reject }]
      })
    },
  }
}
