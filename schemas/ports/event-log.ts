import type { Position } from '../position.ts'
import type { TopicName } from '../topics.ts'

export interface AppendRecord {
  /** Decides the partition (murmur2, as Java's client); the empty key goes to partition 0. */
  readonly key: string
  readonly value: Uint8Array
}

export interface LogRecord {
  readonly offset: number
  readonly key: string
  readonly value: Uint8Array
  /** When the log took it, epoch ms. */
  readonly timestamp: number
}

export interface PartitionBounds {
  readonly epoch: number
  readonly partition: number
  /** Offset of the oldest record kept. */
  readonly start: number
  /** Offset the next record will get. */
  readonly end: number
}

export interface ReadOptions {
  /** Wait for new records at the end instead of finishing. Default false. */
  readonly follow?: boolean
  /** Records a batch holds at most. Default 1,000. */
  readonly maxRecords?: number
  /** False: keys may be left empty, where making them takes time. Default true. */
  readonly keys?: boolean
  readonly signal?: AbortSignal
}

/**
 * A log of topics in partitions. Offsets of a partition grow; a compacted or trimmed log has gaps, never disorder.
 */
export interface EventLog {
  /** Number of partitions of a topic: fixed for life. */
  partitions(topic: TopicName): number
  /**
   * Appends records, each to the partition of its key, in the order given. Resolves with their positions once all are
   * durable. Rejects with `record-too-large`, `log-full`, `store-failed` or `stopped`. After a rejection records of the call may be on
   * the log or still get there, but of each partition only a prefix of those it was given, in order: no record stands where one before
   * it is missing, else an import's higher sequence would make the lost line a repeat for ever.
   */
  append(topic: TopicName, records: readonly AppendRecord[]): Promise<Position[]>
  /**
   * Reads one partition from an offset on, in non-empty batches of ascending offsets. Only durable records are seen. The reader's pace is the
   * back-pressure: nothing is fetched that was not asked for. Finishes at the end of the log (without `follow`), or when the signal aborts.
   * Throws `log-truncated` when records at or after `from` have been removed by time, `log-went-back` when `from` lies beyond the end or is of another epoch.
   */
  read(topic: TopicName, from: Position, options?: ReadOptions): AsyncIterable<readonly LogRecord[]>
  /** Bounds of every partition, in order. */
  bounds(topic: TopicName): Promise<readonly PartitionBounds[]>
  /** Applies each topic's retention as of `now`. For time retention nothing at or above `keepFrom[partition]` goes. */
  retain(now: number, keepFrom?: Partial<Record<TopicName, readonly number[]>>): Promise<void>
  /** Finishes what is under way, then refuses. */
  close(): Promise<void>
}
