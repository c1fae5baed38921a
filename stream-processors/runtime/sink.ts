import { isMillraceError } from '#schemas/errors.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog, LogRecord } from '#schemas/ports/event-log.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import type { TailedRecord } from '#schemas/ports/tail.ts'
import type { Position } from '#schemas/position.ts'
import type { TopicName } from '#schemas/topics.ts'
import { partitionRuns } from './partition-runs.ts'
import { progress } from './progress.ts'

/** Carries a topic into something outside the rows: at least once, so `apply` must bear to be called again. */
export interface Sink<T extends TopicName> {
  /** Name of its checkpoints. */
  readonly name: string
  readonly topic: T
  /** One partition's records in order. `next` follows the last record read. */
  apply(records: readonly TailedRecord<T>[], next: Position, signal: AbortSignal): Promise<void>
}

export interface SinkOptions {
  readonly log: EventLog
  /** Holds the checkpoints. */
  readonly store: Pick<StateStore, 'checkpoint' | 'saveCheckpoint'>
  readonly codec: Codec
  readonly clock: Pick<Clock, 'sleep'>
  /** Owned from the start. Default: all. */
  readonly partitions?: readonly number[]
  /** Records applied between two checkpoints at most. Default 500. */
  readonly maxRecords?: number
  /** Asked before each batch: while it says no, nothing is carried. Default: always. */
  readonly mayGo?: () => boolean
  /** Called when a partition failed and starts anew, and of what it passed over. */
  readonly onTrouble?: (name: string, partition: number, error: unknown) => void
}

export interface RunningSink {
  /** Carries these partitions from now on and no others. */
  own(partitions: readonly number[]): Promise<void>
  /** Resolves once everything that was on the owned partitions when it was called has arrived. */
  caughtUp(): Promise<void>
  stop(): Promise<void>
  /** Resolves after `stop`; rejects with the failure no restart can mend. */
  readonly ended: Promise<void>
}

const restartDelayMs = 200
const standAsideMs = 200

/**
 * Runs a sink over its owned partitions, each from its own checkpoint; what cannot be read, and what has left the log, is
 * reported and passed over: a sink holds copies, and the fold decides what is broken.
 */
export async function startSink<T extends TopicName>(sink: Sink<T>, options: SinkOptions): Promise<RunningSink> {
  const { log, store, codec, clock, maxRecords = 500, mayGo = () => true, onTrouble } = options
  const { name, topic } = sink
  const bounds = await log.bounds(topic)
  const done = progress()
  const runs = partitionRuns(keepRunning, (error) => done.fail(error))

  async function keepRunning(partition: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const stored = await store.checkpoint(name, partition)
        await carry(stored ?? { epoch: bounds[partition]!.epoch, partition, offset: 0 }, signal)
      } catch (error) {
        if (isMillraceError(error, 'log-truncated')) await skip(partition)
        else if (!isMillraceError(error) || !error.retriable) throw error
        onTrouble?.(name, partition, error)
        await clock.sleep(restartDelayMs, signal)
      }
    }
  }

  /** Goes on at the oldest record there is. */
  async function skip(partition: number): Promise<void> {
    const { epoch, start } = (await log.bounds(topic))[partition]!
    await store.saveCheckpoint(name, { epoch, partition, offset: start })
  }

  async function carry(from: Position, signal: AbortSignal): Promise<void> {
    done.advance(from)
    for await (const records of log.read(topic, from, { follow: true, maxRecords, signal })) {
      const next = { ...from, offset: records.at(-1)!.offset + 1 }
      while (!mayGo() && !signal.aborted) await clock.sleep(standAsideMs, signal)
      if (signal.aborted) return
      await sink.apply(decode(records, from), next, signal)
      if (signal.aborted) return
      await store.saveCheckpoint(name, next)
      done.advance(next)
    }
  }

  function decode(records: readonly LogRecord[], from: Position): readonly TailedRecord<T>[] {
    const readable: TailedRecord<T>[] = []
    for (const { offset, key, value } of records) {
      try {
        readable.push({ position: { ...from, offset }, key, event: codec.decodeEvent(topic, value) })
      } catch (error) {
        if (isMillraceError(error) && error.retriable) throw error
        onTrouble?.(name, from.partition, error)
      }
    }
    return readable
  }

  async function own(partitions: readonly number[]): Promise<void> {
    done.own(partitions)
    await runs.own(partitions)
  }

  void own(options.partitions ?? bounds.map(({ partition }) => partition))
  return {
    own,
    caughtUp: async () => done.reached(await log.bounds(topic)),
    stop: () => runs.stop(),
    ended: runs.ended,
  }
}
