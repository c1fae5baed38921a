import type { Clock } from '#schemas/ports/clock.ts'
import type { AppendRecord, EventLog, LogRecord, ReadOptions } from '#schemas/ports/event-log.ts'
import type { Position } from '#schemas/position.ts'
import type { TopicName } from '#schemas/topics.ts'
import type { KafkaAdmin, KafkaProducer, KafkaReader } from './client.ts'
import { MillraceError } from '#schemas/errors.ts'
import { partitionOf } from '#schemas/partition.ts'
import { topicNames } from '#schemas/topics.ts'
import { gathering } from './gathering.ts'
import { knownTopics } from './known-topics.ts'
import { readPartition } from './reading.ts'
import { applyRetention } from './retention.ts'
import { beginAppend } from './send.ts'

export interface KafkaEventLogOptions {
  /** Put before the name of every topic. */
  readonly topicPrefix: string
  /** Incarnation of the topics, as whoever runs them counts. */
  readonly epoch: number
  /** Called for the first append, and after a send that failed. */
  readonly createProducer: () => Promise<KafkaProducer>
  readonly reader: KafkaReader
  readonly admin: KafkaAdmin
  readonly clock: Pick<Clock, 'now'>
  /** Partitions that every source topic must have. Default: as many as `interactions` has. */
  readonly partitions?: number
  /** Ids that topics had before: one that has another by now is not opened. */
  readonly topicIds?: Readonly<Partial<Record<TopicName, string>>>
  /** Bytes that key and value of one record may have together. */
  readonly maxRecordBytes?: number
  readonly maxPendingBytes?: number
  readonly lingerMs?: number
  readonly maxSendBytes?: number
  readonly maxBatchBytes?: number
  /** Told of every send that failed for good. */
  readonly onSendFailure?: (error: unknown) => void
}

export const kafkaEventLogDefaults = {
  maxRecordBytes: 1_048_576,
  maxPendingBytes: 67_108_864,
  lingerMs: 1,
  maxSendBytes: 4_194_304,
  maxBatchBytes: 1_048_576,
} as const

export interface KafkaEventLog extends EventLog {
  /** Kafka's ids of the topics: each incarnation of a topic has its own, so whoever remembers them notices a topic made anew. */
  topicIds(): Readonly<Record<TopicName, string>>
}

/**
 * The log on Kafka. Appends are durable on every replica in sync. The clients come ready made, and are closed with the log. Throws
 * `configuration-invalid` when topics are missing or have the wrong partitions, `log-went-back` when one is not the one it was.
 */
export async function openKafkaEventLog(options: KafkaEventLogOptions): Promise<KafkaEventLog> {
  const { epoch, reader, admin, clock, maxRecordBytes, ...limits } = { ...kafkaEventLogDefaults, ...options }
  const known = await knownTopics(options)
  const sends = gathering({ ...limits, onFailure: (error) => options.onSendFailure?.(error) })
  /** Ends of the reads under way. */
  const reads = new Set<() => void>()
  let retaining: Promise<void> = Promise.resolve()
  let isClosed = false

  function refuseUnlessOpen(): void {
    if (isClosed) throw new MillraceError('stopped', 'the log is closed')
  }

  async function append(topic: TopicName, records: readonly AppendRecord[]): Promise<Position[]> {
    refuseUnlessOpen()
    for (const record of records) refuseTooLarge(topic, record, maxRecordBytes)
    if (records.length === 0) return []
    const { name, partitions, ends } = known[topic]
    const choose = (key: string) => (key === '' ? 0 : partitionOf(key, partitions))
    const before = [...ends]
    const placed = await sends.append(beginAppend(name, records, choose, clock.now()))
    return placed.map(({ partition, offset }) => {
      if (offset < (before[partition] ?? 0)) throw madeAnew(topic, { partition, offset, end: before[partition] })
      ends[partition] = Math.max(ends[partition] ?? 0, offset + 1)
      return { epoch, partition, offset }
    })
  }

  async function* read(
    topic: TopicName,
    from: Position,
    { follow = false, maxRecords = 1_000, signal }: ReadOptions = {},
  ): AsyncGenerator<readonly LogRecord[], void, undefined> {
    refuseUnlessOpen()
    const at = known[topic]
    if (from.partition < 0 || from.partition >= at.partitions) {
      throw new MillraceError('invalid-input', `${topic} has no partition ${from.partition}`, {
        facts: { topic, from },
      })
    }
    const stop = new AbortController()
    const end = () => stop.abort()
    signal?.addEventListener('abort', end)
    if (signal?.aborted === true) end()
    reads.add(end)
    try {
      yield* readPartition({ reader, at, epoch, from, follow, maxRecords, signal: stop.signal })
    } finally {
      signal?.removeEventListener('abort', end)
      reads.delete(end)
    }
    if (signal?.aborted !== true) refuseUnlessOpen()
  }

  async function retainAll(now: number, keepFrom: Partial<Record<TopicName, readonly number[]>>): Promise<void> {
    for (const topic of topicNames) {
      await applyRetention({ admin, known: known[topic], now, keepFrom: keepFrom[topic] })
    }
  }

  return {
    partitions: (topic) => known[topic].partitions,
    append,
    read,
    async bounds(topic) {
      refuseUnlessOpen()
      return (await known[topic].bounds()).map(({ start, end }, partition) => ({ epoch, partition, start, end }))
    },
    async retain(now, keepFrom = {}) {
      refuseUnlessOpen()
      const earlier = retaining
      const mine = (async () => {
        await earlier
        await retainAll(now, keepFrom)
      })()
      retaining = mine.catch(() => undefined)
      await mine
    },
    topicIds() {
      const ids: Partial<Record<TopicName, string>> = {}
      for (const topic of topicNames) ids[topic] = known[topic].id
      return ids as Record<TopicName, string>
    },
    async close() {
      if (isClosed) return
      isClosed = true
      await sends.close()
      await retaining
      for (const end of reads) end()
      await reader.close()
      await admin.close()
    },
  }
}

function refuseTooLarge(topic: TopicName, { key, value }: AppendRecord, maxRecordBytes: number): void {
  const bytes = Buffer.byteLength(key) + value.byteLength
  if (bytes <= maxRecordBytes) return
  throw new MillraceError('record-too-large', `a record of ${bytes} bytes is over the limit of ${maxRecordBytes}`, {
    facts: { topic, key: key.slice(0, 256), bytes, maxRecordBytes },
  })
}

function madeAnew(topic: TopicName, facts: Readonly<Record<string, unknown>>): MillraceError {
  return new MillraceError('log-went-back', `${topic} gave an offset twice: it was made anew`, {
    facts: { topic, ...facts },
  })
}
