import { MillraceError } from './errors.ts'
import type { LogRecord, ReadOptions } from './ports/event-log.ts'
import type { Position } from './position.ts'
import type { TopicName } from './topics.ts'
import type { WakeUps } from './wake-ups.ts'

/** A partition in this process, as it stands at each moment. */
export interface ReadablePartition {
  /** Offset the next record will get; everything below it may be read. */
  readonly end: number
  /** Records below this offset were removed by time. */
  readonly trimmedTo: number
  readonly appended: WakeUps
}

export interface PartitionReader {
  readonly topic: TopicName
  readonly epoch: number
  readonly source: ReadablePartition
  /** Records at or after an offset, as many as there are or may be; empty at the end. Without `keys` these may be left empty. */
  readonly batchFrom: (offset: number, maxRecords: number, keys: boolean) => readonly LogRecord[]
  /** Throws once the log is closed. */
  readonly refuseWhenClosed: () => void
  /** Gives others their turn between two batches of a read that does not follow. */
  readonly rest?: () => Promise<void>
}

/** Reads one partition as the EventLog port promises. */
export async function* readPartition(
  { topic, epoch, source, batchFrom, refuseWhenClosed, rest }: PartitionReader,
  from: Position,
  { follow = false, maxRecords = 1_000, keys = true, signal }: ReadOptions = {},
): AsyncGenerator<readonly LogRecord[], void, undefined> {
  if (from.epoch !== epoch || from.offset > source.end) {
    throw new MillraceError('log-went-back', `${topic} ends before the position asked for`, {
      facts: { topic, from, epoch, end: source.end },
    })
  }
  let next = from.offset
  for (;;) {
    if (signal?.aborted === true) return
    refuseWhenClosed()
    if (next < source.trimmedTo) {
      throw new MillraceError('log-truncated', `${topic} no longer holds the position asked for`, {
        facts: { topic, partition: from.partition, offset: next, start: source.trimmedTo },
      })
    }
    const batch = batchFrom(next, maxRecords, keys)
    const last = batch.at(-1)
    if (last !== undefined) {
      next = last.offset + 1
      yield batch
      if (!follow) await rest?.()
    } else if (follow) await source.appended.wait(signal)
    else return
  }
}
