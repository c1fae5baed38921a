import type { PartitionBounds } from '#schemas/ports/event-log.ts'
import type { Position } from '#schemas/position.ts'

/** How far each owned partition of one topic has been read, and who waits for it. */
export interface Progress {
  /** These partitions count from now on, and no others. */
  own(partitions: readonly number[]): void
  /** The next record to read of its partition. */
  advance(next: Position): void
  fail(error: unknown): void
  /** Of the owned partitions that have begun, ascending. */
  positions(): readonly Position[]
  /** Resolves once every owned partition has passed what its bounds held. */
  reached(bounds: readonly PartitionBounds[]): Promise<void>
}

interface Waiter {
  readonly ends: readonly PartitionBounds[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export function progress(): Progress {
  const next = new Map<number, Position>()
  let owned: ReadonlySet<number> = new Set()
  let waiters: readonly Waiter[] = []
  let failure: { readonly error: unknown } | undefined

  const isPast = (ends: readonly PartitionBounds[]) =>
    ends.every(
      ({ partition, start, end }) =>
        !owned.has(partition) || start === end || (next.get(partition)?.offset ?? -1) >= end,
    )

  function tellWaiters(): void {
    const done = waiters.filter((waiter) => isPast(waiter.ends))
    if (done.length === 0) return
    waiters = waiters.filter((waiter) => !done.includes(waiter))
    for (const waiter of done) waiter.resolve()
  }

  return {
    own(partitions) {
      owned = new Set(partitions)
      for (const partition of next.keys()) if (!owned.has(partition)) next.delete(partition)
      tellWaiters()
    },
    advance(position) {
      if (owned.has(position.partition)) next.set(position.partition, position)
      tellWaiters()
    },
    fail(error) {
      failure = { error }
      for (const waiter of waiters) waiter.reject(error)
      waiters = []
    },
    positions: () => [...next.values()].sort((a, b) => a.partition - b.partition),
    reached(ends) {
      if (failure !== undefined) return Promise.reject(failure.error)
      if (isPast(ends)) return Promise.resolve()
      return new Promise((resolve, reject) => {
        waiters = [...waiters, { ends, resolve, reject }]
      })
    },
  }
}
