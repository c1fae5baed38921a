import type { Clock } from '#schemas/ports/clock.ts'
import type { AppendRecord, EventLog, LogRecord, ReadOptions } from '#schemas/ports/event-log.ts'
import type { Position } from '#schemas/position.ts'
import type { TopicName } from '#schemas/topics.ts'
import type { MemoryPartition } from './partition.ts'
import { MillraceError } from '#schemas/errors.ts'
import { readPartition } from '#schemas/partition-reader.ts'
import { partitionOf } from '#schemas/partition.ts'
import { topicNames, topics } from '#schemas/topics.ts'
import { compact, emptyPartition, firstAtOrAfter, trim } from './partition.ts'

export interface MemoryEventLogOptions {
  /** Partitions of every `source` topic. */
  readonly partitions?: number
  /** Incarnation of the topics. */
  readonly epoch?: number
  readonly clock?: Pick<Clock, 'now'>
  /** Bytes that key and value of one record may have together. */
  readonly maxRecordBytes?: number
}

export const memoryEventLogDefaults = { partitions: 8, epoch: 1, maxRecordBytes: 1_048_576 } as const

/** The reference log: everything in memory, gone with the process. */
export function memoryEventLog(options: MemoryEventLogOptions = {}): EventLog {
  const { epoch, maxRecordBytes, partitions: sourcePartitions } = { ...memoryEventLogDefaults, ...options }
  const clock = options.clock ?? { now: () => Date.now() }
  const partitionsOf = (topic: TopicName) => (topics[topic].partitions === 'single' ? 1 : sourcePartitions)
  const held = new Map<TopicName, MemoryPartition[]>(
    topicNames.map((topic) => [topic, Array.from({ length: partitionsOf(topic) }, emptyPartition)]),
  )
  let closed = false

  function refuseWhenClosed(): void {
    if (closed) throw new MillraceError('stopped', 'the log is closed')
  }

  function partitionAt(topic: TopicName, partition: number): MemoryPartition {
    const found = held.get(topic)?.[partition]
    if (found === undefined) {
      throw new MillraceError('invalid-input', `${topic} has no partition ${partition}`, {
        facts: { topic, partition },
      })
    }
    return found
  }

  async function append(topic: TopicName, records: readonly AppendRecord[]): Promise<Position[]> {
    refuseWhenClosed()
    for (const record of records) refuseTooLarge(topic, record, maxRecordBytes)
    const timestamp = clock.now()
    const count = partitionsOf(topic)
    const positions = records.map(({ key, value }) => {
      const partition = key === '' ? 0 : partitionOf(key, count)
      const to = partitionAt(topic, partition)
      const offset = to.end++
      to.records.push({ offset, key, value: new Uint8Array(value), timestamp })
      return { epoch, partition, offset }
    })
    for (const { partition } of positions) partitionAt(topic, partition).appended.wake()
    return positions
  }

  async function* read(
    topic: TopicName,
    from: Position,
    options?: ReadOptions,
  ): AsyncGenerator<readonly LogRecord[], void, undefined> {
    refuseWhenClosed()
    const source = partitionAt(topic, from.partition)
    const batchFrom = (offset: number, maxRecords: number) => {
      const first = firstAtOrAfter(source.records, offset)
      return source.records.slice(first, first + maxRecords)
    }
    yield* readPartition({ topic, epoch, source, batchFrom, refuseWhenClosed }, from, options)
  }

  return {
    partitions: partitionsOf,
    append,
    read,
    async bounds(topic) {
      refuseWhenClosed()
      return (held.get(topic) ?? []).map(({ records, end }, partition) => ({
        epoch,
        partition,
        start: records[0]?.offset ?? end,
        end,
      }))
    },
    async retain(now, keepFrom = {}) {
      refuseWhenClosed()
      for (const [topic, partitions] of held) {
        const { retention } = topics[topic]
        switch (retention.type) {
          case 'for-ever':
            break
          case 'time':
            for (const [p, at] of partitions.entries()) trim(at, now - retention.ms, keepFrom[topic]?.[p] ?? at.end)
            break
          case 'compact':
            for (const at of partitions) compact(at, now - retention.minAgeMs)
            break
        }
      }
    },
    async close() {
      closed = true
      for (const partitions of held.values()) for (const { appended } of partitions) appended.wake()
    },
  }
}

function refuseTooLarge(topic: TopicName, { key, value }: AppendRecord, maxRecordBytes: number): void {
  const bytes = Buffer.byteLength(key) + value.byteLength
  if (bytes > maxRecordBytes) {
    throw new MillraceError('record-too-large', `a record of ${bytes} bytes is over the limit of ${maxRecordBytes}`, {
      facts: { topic, key, bytes, maxRecordBytes },
    })
  }
}
