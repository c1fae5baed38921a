import { isMillraceError } from '#schemas/errors.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog, LogRecord, PartitionBounds } from '#schemas/ports/event-log.ts'
import type { Tail, TailedRecord, Tailing, TailOptions } from '#schemas/ports/tail.ts'
import type { Position } from '#schemas/position.ts'
import type { TopicName } from '#schemas/topics.ts'
import { partitionRuns } from './partition-runs.ts'
import { progress } from './progress.ts'

export interface LogTailOptions {
  readonly log: EventLog
  readonly codec: Codec
  readonly clock: Pick<Clock, 'sleep'>
  /** Called when reading failed and is tried again. */
  readonly onRestart?: (name: string, partition: number, error: unknown) => void
}

const restartDelayMs = 200
/** Partitions may change hands just when the log cannot be asked where they end. */
const patienceMs = 30_000

/**
 * Tail over any EventLog: one reader a partition, batches of a partition applied one after another. What was applied stays
 * applied when a reader is lost, so the next goes on behind it.
 */
export function logTail(options: LogTailOptions): Tail {
  return { follow: (wanted) => follow(options, wanted) }
}

async function follow<T extends TopicName>(tail: LogTailOptions, options: TailOptions<T>): Promise<Tailing> {
  const { log, codec, clock, onRestart } = tail
  const starts = new Map<number, Position>()
  const done = progress()
  const runs = partitionRuns(keepReading, (error) => done.fail(error))

  async function keepReading(partition: number, signal: AbortSignal): Promise<void> {
    let next = starts.get(partition)!
    while (!signal.aborted) {
      const reading = log.read(options.topic, next, { follow: true, signal })[Symbol.asyncIterator]()
      try {
        for (;;) {
          const batch = await nextBatch(reading, next)
          if (batch === undefined) break
          if (batch.readable.length > 0) await options.apply(batch.readable)
          next = batch.next
          done.advance(next)
        }
      } finally {
        await reading.return?.()
      }
      await clock.sleep(restartDelayMs, signal)
    }
  }

  /** Undefined at the end of the reading, and when it failed in a way that may pass. */
  async function nextBatch(
    reading: AsyncIterator<readonly LogRecord[]>,
    from: Position,
  ): Promise<{ readonly readable: readonly TailedRecord<T>[]; readonly next: Position } | undefined> {
    try {
      const { done: isOver, value: records } = await reading.next()
      if (isOver === true) return undefined
      return { readable: decode(records, from), next: { ...from, offset: records.at(-1)!.offset + 1 } }
    } catch (error) {
      if (!isMillraceError(error) || !error.retriable) throw error
      onRestart?.(options.name, from.partition, error)
      return undefined
    }
  }

  /** What is broken for ever is told and passed over; what may become readable is thrown. */
  function decode(records: readonly LogRecord[], from: Position): readonly TailedRecord<T>[] {
    const readable: TailedRecord<T>[] = []
    for (const record of records) {
      const position = { ...from, offset: record.offset }
      try {
        readable.push({ position, key: record.key, event: codec.decodeEvent(options.topic, record.value) })
      } catch (error) {
        if (isMillraceError(error) && error.retriable) throw error
        options.onUnreadable(position, error)
      }
    }
    return readable
  }

  async function boundsOf(partition: number): Promise<readonly PartitionBounds[]> {
    for (let waited = 0; ; waited += restartDelayMs) {
      try {
        return await log.bounds(options.topic)
      } catch (error) {
        if (!isMillraceError(error) || !error.retriable || waited >= patienceMs) throw error
        onRestart?.(options.name, partition, error)
      }
      await clock.sleep(restartDelayMs)
    }
  }

  async function own(partitions: readonly number[]): Promise<void> {
    const known = new Set(done.positions().map(({ partition }) => partition))
    const fresh = partitions.filter((partition) => !known.has(partition))
    done.own(partitions)
    if (fresh[0] !== undefined) {
      for (const start of startPositions(options.from, await boundsOf(fresh[0]))) {
        if (!fresh.includes(start.partition)) continue
        starts.set(start.partition, start)
        done.advance(start)
      }
    }
    await runs.own(partitions)
  }

  await own(options.partitions ?? Array.from({ length: log.partitions(options.topic) }, (_, partition) => partition))
  return {
    own,
    caughtUp: async () => done.reached(await log.bounds(options.topic)),
    positions: () => done.positions(),
    stop: () => runs.stop(),
    ended: runs.ended,
  }
}

function startPositions(from: TailOptions<TopicName>['from'], bounds: readonly PartitionBounds[]): readonly Position[] {
  if (typeof from === 'object') return from
  return bounds.map(({ epoch, partition, start, end }) => ({
    epoch,
    partition,
    offset: from === 'start' ? start : end,
  }))
}
