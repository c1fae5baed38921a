import type { LogRecord } from '#schemas/ports/event-log.ts'
import type { Position } from '#schemas/position.ts'
import type { KafkaReader } from './client.ts'
import type { KnownTopic } from './known-topics.ts'
import { MillraceError } from '#schemas/errors.ts'

export interface Reading {
  readonly reader: KafkaReader
  readonly at: KnownTopic
  /** Epoch of the log. */
  readonly epoch: number
  readonly from: Position
  readonly follow: boolean
  readonly maxRecords: number
  /** Ends the reading, quietly. */
  readonly signal: AbortSignal
}

/** Reads one partition as the EventLog port promises. */
export async function* readPartition(reading: Reading): AsyncGenerator<readonly LogRecord[], void, undefined> {
  const { reader, at, from, follow, maxRecords, signal } = reading
  const end = await unlessAborted(checkedEnd(reading), signal)
  if (end === undefined) return
  const until = follow ? Infinity : end
  if (from.offset >= until) return
  const options = { maxRecords, signal, topicId: at.id, ...(!follow && { until }) }
  for await (const { records, next } of reader.follow(at.name, from.partition, from.offset, options)) {
    if (records.length > 0 && reader.fetchesByTopicId !== true) await unlessAborted(at.assertSame(), signal)
    if (signal.aborted) return
    const wanted = next > until ? records.filter(({ offset }) => offset < until) : records
    if (wanted.length > 0) yield wanted
    if (next >= until) return
  }
}

/** The end of the partition now, after checking that the log has the position. */
async function checkedEnd({ at, epoch, from }: Reading): Promise<number> {
  if (from.epoch !== epoch) {
    throw new MillraceError('log-went-back', `the position asked for is of another incarnation of ${at.topic}`, {
      facts: { topic: at.topic, from, epoch },
    })
  }
  const { start, end } = (await at.bounds())[from.partition]!
  if (from.offset > end) {
    throw new MillraceError('log-went-back', `${at.topic} ends before the position asked for`, {
      facts: { topic: at.topic, from, end },
    })
  }
  if (from.offset < start) {
    throw new MillraceError('log-truncated', `${at.topic} no longer holds the position asked for`, {
      facts: { topic: at.topic, from, start },
    })
  }
  return end
}

/** The work's result, or undefined as soon as the signal aborts. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const aborted = Promise.withResolvers<undefined>()
  const end = () => aborted.resolve(undefined)
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', end)
  }
}
