import type { LogRecord } from '#schemas/ports/event-log.ts'
import type { Position } from '#schemas/position.ts'
import type { Fetched, FetchOptions, KafkaReader } from './client.ts'
import type { KnownTopic } from './known-topics.ts'
import { isMillraceError, MillraceError } from '#schemas/errors.ts'

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
  const { at, from, follow, maxRecords, signal } = reading
  const end = await unlessAborted(checkedEnd(reading), signal)
  if (end === undefined) return
  const until = follow ? Infinity : end
  if (from.offset >= until) return
  const options = { maxRecords, signal, topicId: at.id, ...(!follow && { until }) }
  for await (const { records, next } of ofSameTopic(reading, options)) {
    const wanted = next > until ? records.filter(({ offset }) => offset < until) : records
    if (wanted.length > 0) yield wanted
    if (next >= until) return
  }
}

/** What the reader fetches, of the topic that we mean: one fetching by name would go on silently in a topic made anew. */
async function* ofSameTopic(
  { reader, at, from, signal }: Reading,
  options: FetchOptions,
): AsyncGenerator<Fetched, void, undefined> {
  const fetching = reader.follow(at.name, from.partition, from.offset, options)
  if (reader.fetchesByTopicId === true) return yield* fetching
  try {
    for await (const fetched of fetching) {
      if (fetched.records.length > 0) await unlessAborted(at.assertSame(), signal)
      if (signal.aborted) return
      yield fetched
    }
  } catch (error) {
    // Fetches of a topic that is gone fail as those of a broker that is away.
    if (isMillraceError(error) && error.retriable) await unlessAborted(at.assertSame(), signal)
    throw error
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
