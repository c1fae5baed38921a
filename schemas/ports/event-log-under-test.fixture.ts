import type { Position } from '../position.ts'
import type { TopicName } from '../topics.ts'
import type { AppendRecord, EventLog, LogRecord, ReadOptions } from './event-log.ts'
import { partitionOf } from '../partition.ts'

export interface EventLogUnderTest {
  readonly log: EventLog
  /** The largest record it takes, key and value together. */
  readonly maxRecordBytes: number
  /** Sets the clock that timestamps come from, epoch ms. It begins at 0. */
  setTime(ms: number): void
  /** When a compacted topic loses what it may lose. Default: all of it by the time `retain` resolves. */
  readonly compacts?: 'at-once' | 'in-its-own-time'
  /** Fetches more than a reader has asked for: records may reach it after `retain` has removed them. Default false. */
  readonly readsAhead?: boolean
  /** Closes the log and opens what is left of it. Only what is durable has it. */
  readonly reopen?: () => Promise<EventLog>
  dispose(): Promise<void>
}

const text = new TextDecoder()

export async function positionAt(
  log: EventLog,
  topic: TopicName,
  partition: number,
  offset: number,
): Promise<Position> {
  const bounds = await log.bounds(topic)
  return { epoch: bounds[partition]!.epoch, partition, offset }
}

/** All that is kept of one partition. */
export async function everything(log: EventLog, topic: TopicName, partition: number) {
  const { epoch, start } = (await log.bounds(topic))[partition]!
  return await readAll(log, topic, { epoch, partition, offset: start })
}

export function record(key: string, value: string): AppendRecord {
  return { key, value: new TextEncoder().encode(value) }
}

export function many(count: number): AppendRecord[] {
  return Array.from({ length: count }, (_, i) => record(`user-${i}`, `value ${i}`))
}

/** The nth key that belongs to a partition. */
export function keyOn(partition: number, partitions: number, nth = 0): string {
  let left = nth
  for (let i = 0; ; i++) {
    if (partitionOf(`k${i}`, partitions) !== partition) continue
    if (left === 0) return `k${i}`
    left -= 1
  }
}

export function iterate(
  log: EventLog,
  topic: TopicName,
  from: Position,
  options: ReadOptions,
): AsyncIterator<readonly LogRecord[]> {
  return log.read(topic, from, options)[Symbol.asyncIterator]()
}

export function values(result: IteratorResult<readonly LogRecord[], unknown>): string[] | undefined {
  return result.done === true ? undefined : result.value.map(({ value }) => text.decode(value))
}

export async function readAll(log: EventLog, topic: TopicName, from: Position, options?: ReadOptions) {
  const found = []
  for await (const batch of log.read(topic, from, options)) {
    for (const { offset, key, value, timestamp } of batch) {
      found.push({ offset, key, value: text.decode(value), timestamp })
    }
  }
  return found
}
