import type { LogRecord } from '#schemas/ports/event-log.ts'
import type { WakeUps } from '#schemas/wake-ups.ts'
import { wakeUps } from '#schemas/wake-ups.ts'

export interface MemoryPartition {
  /** Ascending by offset. */
  records: LogRecord[]
  /** Offset the next record will get. */
  end: number
  /** Records below this offset were removed by time. */
  trimmedTo: number
  readonly appended: WakeUps
}

export function emptyPartition(): MemoryPartition {
  return { records: [], end: 0, trimmedTo: 0, appended: wakeUps() }
}

/** Index of the first record at or after `offset`. */
export function firstAtOrAfter(records: readonly LogRecord[], offset: number): number {
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (records[middle]!.offset < offset) low = middle + 1
    else high = middle
  }
  return low
}

/** Removes records from the oldest on while they are older than `before` and below offset `keepFrom`. */
export function trim(partition: MemoryPartition, before: number, keepFrom: number): void {
  const kept = partition.records.findIndex(({ timestamp, offset }) => timestamp >= before || offset >= keepFrom)
  const gone = kept === -1 ? partition.records.length : kept
  const last = partition.records[gone - 1]
  if (last === undefined) return
  partition.records = partition.records.slice(gone)
  partition.trimmedTo = last.offset + 1
}

/** Removes records older than `before` that a newer one of their key has replaced. */
export function compact(partition: MemoryPartition, before: number): void {
  const newest = new Map(partition.records.map(({ key, offset }) => [key, offset]))
  partition.records = partition.records.filter(
    ({ key, offset, timestamp }) => timestamp >= before || newest.get(key) === offset,
  )
}
