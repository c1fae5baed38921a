import { MillraceError } from '#schemas/errors.ts'
import type { EventOf } from '#schemas/events/by-topic.ts'
import type { FoldAt } from '#schemas/fold/rows.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog, LogRecord } from '#schemas/ports/event-log.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import type { RowWrite, StateStore } from '#schemas/ports/state-store.ts'
import type { Position } from '#schemas/position.ts'
import type { TopicName } from '#schemas/topics.ts'
import { deadLetterCause, deadLetters, type DeadRecord } from './dead-letters.ts'
import { faultOf } from './fault.ts'
import type { RowProcessor, Step } from './processor.ts'
import { unsliced, type Slices } from './slices.ts'
import { taskRows, type TaskRows } from './task-rows.ts'

export interface TaskOptions<T extends TopicName> {
  readonly processor: RowProcessor<T>
  readonly log: EventLog
  readonly store: StateStore
  readonly codec: Codec
  readonly metrics: Metrics
  /** For dead letters only: no row depends on it. */
  readonly now: () => number
  /** Where to begin: the checkpoint, or the beginning of the partition. */
  readonly from: Position
  readonly maxRecords: number
  readonly cacheBytes: number
  readonly signal: AbortSignal
  /** How the task shares its thread. Default: not at all. */
  readonly slices?: Slices
  /** Called after each checkpoint with the next offset to read. */
  readonly onCheckpoint: (next: number) => void
}

interface Placed<E> {
  readonly event: E
  readonly at: FoldAt
}

/**
 * Folds one partition until the signal aborts: read, fold in memory, write the steps from the last to the first, each
 * awaited and announced, then the checkpoint (design section 4). Every failure ends the task; whoever runs it starts
 * anew from the checkpoint, with empty caches.
 */
export async function runPartition<T extends TopicName>(options: TaskOptions<T>): Promise<void> {
  const { processor, log, store, codec, from, slices = unsliced } = options
  const { epoch, partition } = from
  const rows = taskRows({ store, codec, epoch, partition, cacheBytes: options.cacheBytes, slices })
  const bury = deadLetters({ ...options, topic: processor.topic, epoch, partition })
  let next = from.offset
  const read = { follow: true, maxRecords: options.maxRecords, signal: options.signal }
  for await (const records of log.read(processor.topic, from, read)) {
    assertFollows(records, next, processor.topic, partition)
    if (slices.isOver()) await slices.next()
    const { placed, dead } = decode(options, records)
    await bury(dead)
    await loadRows(processor.steps, placed, rows)
    for (const { event, at } of placed) {
      if (slices.isOver()) await slices.next()
      processor.fold(rows, event, at)
    }
    for (const step of processor.steps.toReversed()) await writeStep(options, step, rows)
    next = records.at(-1)!.offset + 1
    await store.saveCheckpoint(processor.name, { epoch, partition, offset: next })
    rows.settle()
    options.onCheckpoint(next)
  }
}

/** A fetch begins where the last ended: a reader that jumped back would fold past events into newer rows. */
function assertFollows(records: readonly LogRecord[], next: number, topic: TopicName, partition: number): void {
  const first = records[0]
  if (first !== undefined && first.offset >= next) return
  throw new MillraceError('log-went-back', `${topic} partition ${partition} was read again from ${first?.offset}`, {
    retriable: true,
    facts: { topic, partition, next, found: first?.offset },
  })
}

function decode<T extends TopicName>(
  options: TaskOptions<T>,
  records: readonly LogRecord[],
): { placed: Placed<EventOf[T]>[]; dead: DeadRecord[] } {
  const { processor, codec, from, log } = options
  const place = { partition: from.partition, partitions: log.partitions(processor.topic) }
  const placed: Placed<EventOf[T]>[] = []
  const dead: DeadRecord[] = []
  for (const record of records) {
    try {
      const event = codec.decodeEvent(processor.topic, record.value)
      const fault = faultOf(processor, event, place)
      if (fault !== undefined) throw new MillraceError('invalid-input', fault)
      placed.push({ event, at: placeOf(from, record, event) })
    } catch (error) {
      dead.push({ record, cause: deadLetterCause(error) })
    }
  }
  return { placed, dead }
}

function placeOf(from: Position, record: LogRecord, event: EventOf[TopicName]): FoldAt {
  const acceptedAt = 'acceptedAt' in event ? event.acceptedAt : record.timestamp
  return { epoch: from.epoch, partition: from.partition, offset: record.offset, acceptedAt }
}

/** Reads step by step. A row found ahead means that the cached rows of all later steps may be older than what it proves. */
async function loadRows<E>(steps: readonly Step<E>[], placed: readonly Placed<E>[], rows: TaskRows): Promise<void> {
  const first = placed[0]
  if (first === undefined) return
  for (const [i, step] of steps.entries()) {
    const ahead = await rows.load(step.keys(placed, rows), first.at.offset)
    if (ahead) rows.drop(steps.slice(i + 1).flatMap((later) => later.tables))
  }
}

async function writeStep<T extends TopicName>(
  options: TaskOptions<T>,
  step: Step<EventOf[T]>,
  rows: TaskRows,
): Promise<void> {
  const { store, log, codec, from, slices = unsliced } = options
  const writes: RowWrite[] = []
  for (const write of rows.take(step.tables)) {
    writes.push(write)
    if (slices.isOver()) await slices.next()
  }
  if (writes.length > 0) await store.write(writes)
  if (step.announces === undefined) return
  const { topic, table, row } = step.announces
  const notices = rows.announcements(table).map(({ key, offset, acceptedAt }) => ({
    key,
    value: codec.encodeEvent(topic, {
      type: 'notice',
      key,
      row,
      position: { epoch: from.epoch, partition: from.partition, offset },
      acceptedAt,
    }),
  }))
  if (notices.length > 0) await log.append(topic, notices)
}
