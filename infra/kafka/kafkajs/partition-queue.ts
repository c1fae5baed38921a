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

  /** From as many answers as it takes: a reader that is behind gets large batches though answers were small. */
  function takeHeld(maxRecords: number): Fetched {
    const records: LogRecord[] = []
    let next = position
    for (let [first] = held; first !== undefined && records.length < maxRecords; [first] = held) {
      const { fetched } = first
      const taken = fetched.records.slice(first.taken, first.taken + maxRecords - records.length)
      for (const record of taken) records.push(record)
      first.taken += taken.length
      bytes -= bytesOf(taken)
      const isWhole = first.taken === fetched.records.length
      next = isWhole ? fetched.next : (taken.at(-1)?.offset ?? fetched.next - 1) + 1
      if (isWhole) held.shift()
    }
    onTaken()
    return { records, next }
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
      while (!signal.aborted) {
        if (held.length > 0) return takeHeld(maxRecords)
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
