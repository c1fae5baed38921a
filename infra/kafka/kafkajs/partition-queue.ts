import type { LogRecord } from '#schemas/ports/event-log.ts'
import type { Fetched } from '../client.ts'
import { wakeUps } from '#schemas/wake-ups.ts'

/** What has been fetched of one partition and not yet been taken. */
export interface PartitionQueue {
  readonly partition: number
  /** Offset to fetch next. */
  position(): number
  /** Bytes held, roughly. */
  bytes(): number
  put(fetched: Fetched): void
  /** Ends the queue after what it holds. */
  fail(error: Error): void
  /** The next records, at most so many; undefined once the signal has aborted. Throws what the queue failed with. */
  take(maxRecords: number, signal: AbortSignal): Promise<Fetched | undefined>
}

interface Held {
  readonly fetched: Fetched
  /** Records of it that are out. */
  taken: number
}

/** What an object of a record costs beside its bytes. */
const recordOverhead = 128

/** `onTaken` is called whenever room has been made. */
export function partitionQueue(partition: number, offset: number, onTaken: () => void): PartitionQueue {
  const held: Held[] = []
  const filled = wakeUps()
  let position = offset
  let bytes = 0
  let failure: Error | undefined

  function takeFrom(first: Held, maxRecords: number): Fetched {
    const { records, next } = first.fetched
    const taken = records.slice(first.taken, first.taken + maxRecords)
    first.taken += taken.length
    bytes -= bytesOf(taken)
    const isLast = first.taken === records.length
    if (isLast) held.shift()
    onTaken()
    return { records: taken, next: isLast ? next : (taken.at(-1)?.offset ?? next - 1) + 1 }
  }

  return {
    partition,
    position: () => position,
    bytes: () => bytes,
    put(fetched) {
      if (failure !== undefined) return
      position = fetched.next
      held.push({ fetched, taken: 0 })
      bytes += bytesOf(fetched.records)
      filled.wake()
    },
    fail(error) {
      failure ??= error
      filled.wake()
    },
    async take(maxRecords, signal) {
      for (let [first] = held; !signal.aborted; [first] = held) {
        if (first !== undefined) return takeFrom(first, maxRecords)
        if (failure !== undefined) throw failure
        await filled.wait(signal)
      }
      return undefined
    },
  }
}

function bytesOf(records: readonly LogRecord[]): number {
  return records.reduce((sum, { key, value }) => sum + key.length + value.byteLength + recordOverhead, 0)
}
