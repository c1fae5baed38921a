import { isMillraceError, type ErrorCode, type MillraceError } from '#schemas/errors.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog, LogRecord } from '#schemas/ports/event-log.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import { partitionOf } from '#schemas/partition.ts'
import type { Position } from '#schemas/position.ts'
import type { TopicName } from '#schemas/topics.ts'

/** What becomes of a record whose reading or checking failed: put aside and passed over, or a reason to stop. */
export type FailurePolicy = 'dead-letter' | 'stop'

/**
 * A record that is broken will be broken for ever and goes aside. One written with an unknown schema is the work of a
 * newer release: passing it over would lose it, so the task stops until it is upgraded.
 */
export function policyOf(code: ErrorCode): FailurePolicy {
  return code === 'record-unreadable' || code === 'invalid-input' ? 'dead-letter' : 'stop'
}

/** The failure as a Millrace error when its policy allows to go on; else it is thrown again. */
export function deadLetterCause(error: unknown): MillraceError {
  if (isMillraceError(error) && policyOf(error.code) === 'dead-letter') return error
  throw error
}

export interface DeadRecord {
  readonly record: LogRecord
  readonly cause: MillraceError
}

export interface DeadLetterOptions {
  readonly log: EventLog
  readonly codec: Codec
  readonly metrics: Metrics
  readonly topic: TopicName
  readonly epoch: number
  readonly partition: number
  readonly now: () => number
}

/**
 * Puts records of one source partition aside, each once for ever: they go to one dead-letter partition in order, so
 * what a crash or a replay meets again is told by the highest offset already there.
 */
export function deadLetters(options: DeadLetterOptions): (dead: readonly DeadRecord[]) => Promise<void> {
  const { log, codec, metrics, topic, epoch, partition } = options
  const key = `${topic}:${partition}`
  let known: number | undefined

  async function highestKnown(): Promise<number> {
    const home = partitionOf(key, log.partitions('dead-letters'))
    const bounds = (await log.bounds('dead-letters'))[home]
    if (bounds === undefined) return -1
    let highest = -1
    const from: Position = { epoch: bounds.epoch, partition: home, offset: bounds.start }
    for await (const records of log.read('dead-letters', from)) {
      for (const record of records) {
        if (record.key !== key) continue
        const { position } = codec.decodeEvent('dead-letters', record.value)
        if (position.epoch === epoch) highest = Math.max(highest, position.offset)
      }
    }
    return highest
  }

  return async (dead) => {
    if (dead.length === 0) return
    known ??= await highestKnown()
    const last = known
    const fresh = dead.filter(({ record }) => record.offset > last)
    if (fresh.length === 0) return
    await log.append(
      'dead-letters',
      fresh.map(({ record, cause }) => ({
        key,
        value: codec.encodeEvent('dead-letters', {
          type: 'dead-letter',
          topic,
          position: { epoch, partition, offset: record.offset },
          key: record.key,
          code: cause.code,
          message: cause.message,
          at: options.now(),
          bytes: record.value,
        }),
      })),
    )
    known = fresh.at(-1)!.record.offset
    for (const { cause } of fresh) metrics.count('millrace_dead_letters_total', 1, { code: cause.code })
  }
}
