import type { MappedRow } from './imported-events.ts'

export interface BatchLimits {
  /** Events sent at once. */
  readonly events: number
  /** Characters of their lines: well below what one request may hold. */
  readonly characters: number
}

export const batchLimits: BatchLimits = { events: 2_000, characters: 2_000_000 }

/** Gathers rows into non-empty batches in file order. Rejected rows count towards the limits too, so that progress shows. */
export async function* rowBatches<E>(
  rows: AsyncIterable<MappedRow<E>>,
  limits: BatchLimits,
): AsyncGenerator<readonly MappedRow<E>[]> {
  let batch: MappedRow<E>[] = []
  let characters = 0
  for await (const row of rows) {
    if (batch.length > 0 && characters + row.raw.length > limits.characters) {
      yield batch
      batch = []
      characters = 0
    }
    batch.push(row)
    characters += row.raw.length
    if (batch.length < limits.events) continue
    yield batch
    batch = []
    characters = 0
  }
  if (batch.length > 0) yield batch
}

/** Prepares the next element while the consumer is busy with this one; never more than one ahead. */
export async function* readAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]()
  try {
    for (let next = settled(iterator.next()); ;) {
      const outcome = await next
      if (outcome.status === 'rejected') throw outcome.reason
      if (outcome.value.done === true) return
      next = settled(iterator.next())
      yield outcome.value.value
    }
  } finally {
    await iterator.return?.()
  }
}

/** An error met ahead of time waits here until its turn, instead of ending the process as an unhandled rejection. */
async function settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const [outcome] = await Promise.allSettled([promise])
  return outcome
}
