import { setImmediate } from 'node:timers/promises'
import type { Clock } from '#schemas/ports/clock.ts'
import type { AppendRecord, EventLog, LogRecord, ReadOptions } from '#schemas/ports/event-log.ts'
import type { Position } from '#schemas/position.ts'
import type { TopicName } from '#schemas/topics.ts'
import type { DataFolder } from './data-folder.ts'
import type { LogPartition } from './log-partitions.ts'
import { MillraceError } from '#schemas/errors.ts'
import { readPartition } from '#schemas/partition-reader.ts'
import { partitionOf } from '#schemas/partition.ts'
import { topicNames } from '#schemas/topics.ts'
import { openEnvironment } from './environment.ts'
import { groupCommit } from './group-commit.ts'
import { layBlocks, maxKeyBytes, packRecords, readBlock } from './log-block.ts'
import { blockKey, blocksFrom, firstOffset } from './log-partition.ts'
import { openPartitions, recoveredEnd } from './log-partitions.ts'
import { applyRetention } from './log-retention.ts'

export interface LmdbEventLogOptions {
  readonly folder: DataFolder
  readonly clock: Pick<Clock, 'now'>
  /** Bytes that key and value of one record may have together. */
  readonly maxRecordBytes?: number
  /** Room left where a path is. Default: the file system's answer. */
  readonly freeBytes?: (path: string) => Promise<number>
  /** Appends are refused with less room than this. Default 64 MiB. */
  readonly reserveBytes?: number
}

export const lmdbEventLogDefaults = { maxRecordBytes: 1_048_576 } as const

/** Bytes of records a batch of a read holds at most, unless one record alone is larger. */
const maxBatchBytes = 4_194_304

interface Append {
  readonly topic: TopicName
  /** Partition of each record. */
  readonly partitions: readonly number[]
  readonly packed: readonly Buffer[]
  positions: Position[]
}

/**
 * The embedded log: one LMDB environment, written by group commit, every commit on disk before its appends resolve and
 * before a reader sees it. Lost with the disk only.
 */
export function lmdbEventLog(options: LmdbEventLogOptions): EventLog {
  const { folder, clock, maxRecordBytes } = { ...lmdbEventLogDefaults, ...options }
  const { epoch } = folder.facts
  const environment = openEnvironment({
    path: folder.logPath,
    durable: true,
    full: 'log-full',
    ...(options.freeBytes !== undefined && { freeBytes: options.freeBytes }),
    ...(options.reserveBytes !== undefined && { reserveBytes: options.reserveBytes }),
  })
  const partitions = openPartitions(environment, folder.facts.partitions)
  const commits = groupCommit<Append>(commitAppends)
  let retaining: Promise<void> = Promise.resolve()
  let state: 'open' | 'closing' | 'closed' = 'open'

  function refuseUnlessOpen(): void {
    if (state !== 'open') throw new MillraceError('stopped', 'the log is closed')
  }

  function partitionAt(topic: TopicName, partition: number): LogPartition {
    const found = partitions.get(topic)?.[partition]
    if (found !== undefined) return found
    throw new MillraceError('invalid-input', `${topic} has no partition ${partition}`, { facts: { topic, partition } })
  }

  /** Lays what was appended together into the next offsets of its partitions: one transaction, one sync. */
  async function commitAppends(appends: readonly Append[]): Promise<void> {
    const added = new Map<LogPartition, Buffer[]>()
    for (const append of appends) {
      append.positions = append.packed.map((bytes, i) => {
        const to = partitionAt(append.topic, append.partitions[i]!)
        const records = added.get(to) ?? []
        if (records.length === 0) added.set(to, records)
        records.push(bytes)
        return { epoch, partition: to.partition, offset: to.end + records.length - 1 }
      })
    }
    try {
      await environment.commit(() => {
        for (const [{ table, partition, end }, records] of added) {
          for (const { first, bytes } of layBlocks(records, end)) void table.put(blockKey(partition, first), bytes)
        }
      })
      for (const [to, records] of added) to.end += records.length
    } catch (error) {
      for (const to of added.keys()) to.end = recoveredEnd(to)
      throw error
    } finally {
      for (const { appended } of added.keys()) appended.wake()
    }
  }

  async function append(topic: TopicName, records: readonly AppendRecord[]): Promise<Position[]> {
    refuseUnlessOpen()
    for (const record of records) refuseTooLarge(topic, record, maxRecordBytes)
    if (records.length === 0) return []
    const count = partitions.get(topic)?.length ?? 1
    const placed = records.map(({ key }) => (key === '' ? 0 : partitionOf(key, count)))
    const added: Append = { topic, partitions: placed, packed: packRecords(records, clock.now()), positions: [] }
    await commits.submit(added)
    return added.positions
  }

  async function* read(
    topic: TopicName,
    from: Position,
    options?: ReadOptions,
  ): AsyncGenerator<readonly LogRecord[], void, undefined> {
    refuseUnlessOpen()
    const source = partitionAt(topic, from.partition)
    yield* readPartition(
      {
        topic,
        epoch,
        source,
        batchFrom: (offset, maxRecords, keys) => readBatch(source, offset, maxRecords, keys),
        refuseWhenClosed: refuseUnlessOpen,
        // Whoever reads all there is has nothing to wait for: without this it would be one turn of the event loop.
        rest: () => setImmediate(),
      },
      from,
      options,
    )
  }

  return {
    partitions: (topic) => partitions.get(topic)?.length ?? 0,
    append,
    read,
    async bounds(topic) {
      refuseUnlessOpen()
      return (partitions.get(topic) ?? []).map(({ table, partition, end }) => {
        const start = Math.min(firstOffset(table, partition) ?? end, end)
        return { epoch, partition, start, end }
      })
    },
    async retain(now, keepFrom = {}) {
      refuseUnlessOpen()
      const earlier = retaining
      const mine = (async () => {
        await earlier
        for (const topic of topicNames) {
          for (const at of partitions.get(topic) ?? []) {
            await applyRetention({ environment, topic, at, now, keepFrom: keepFrom[topic]?.[at.partition] })
          }
        }
      })()
      retaining = mine.catch(() => undefined)
      await mine
    },
    async close() {
      if (state !== 'open') return
      state = 'closing'
      await commits.idle()
      await retaining
      state = 'closed'
      for (const all of partitions.values()) for (const { appended } of all) appended.wake()
      await environment.close()
    },
  }
}

/** Records from an offset on; of those under way to disk none, since `end` has not passed them yet. */
function readBatch(
  { table, partition, end }: LogPartition,
  from: number,
  maxRecords: number,
  keys: boolean,
): LogRecord[] {
  const batch: LogRecord[] = []
  let bytes = 0
  if (from >= end) return batch
  for (const block of blocksFrom(table, partition, from)) {
    for (const record of readBlock(block, { from, keys })) {
      if (record.offset >= end || batch.length === maxRecords) return batch
      bytes += record.key.length + record.value.byteLength
      if (batch.length > 0 && bytes > maxBatchBytes) return batch
      batch.push(record)
    }
  }
  return batch
}

function refuseTooLarge(topic: TopicName, { key, value }: AppendRecord, maxRecordBytes: number): void {
  const keyBytes = Buffer.byteLength(key)
  const bytes = keyBytes + value.byteLength
  if (bytes <= maxRecordBytes && keyBytes <= maxKeyBytes) return
  throw new MillraceError('record-too-large', `a record of ${bytes} bytes is over the limit of ${maxRecordBytes}`, {
    facts: { topic, key: key.slice(0, 256), bytes, maxRecordBytes, maxKeyBytes },
  })
}
