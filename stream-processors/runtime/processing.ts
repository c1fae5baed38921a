import { isMillraceError } from '#schemas/errors.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog, PartitionBounds } from '#schemas/ports/event-log.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import type { Position } from '#schemas/position.ts'
import type { TopicName } from '#schemas/topics.ts'
import { joint } from './joint-run.ts'
import { runPartition } from './partition-task.ts'
import type { RowProcessor } from './processor.ts'
import { progress } from './progress.ts'
import { timeSlices } from './slices.ts'

export interface ProcessingOptions {
  readonly log: EventLog
  readonly store: StateStore
  readonly codec: Codec
  readonly clock: Clock
  readonly metrics: Metrics
  /** Records folded between two checkpoints at most: more are cheaper, since a row is written once for all of them. Default 1,024. */
  readonly maxRecords?: number
  /** Encoded bytes of rows that each partition keeps of each table. Default 8 MiB. */
  readonly cacheBytes?: number
  /** Called when a task failed and will start anew. */
  readonly onRestart?: (processor: string, partition: number, error: unknown) => void
}

export interface Processing {
  /** Resolves once everything that was on the source topics when it was called is folded, announced and checkpointed. */
  caughtUp(): Promise<void>
  /** Sets the gauge of records not yet folded. */
  measureLag(): Promise<void>
  /** Finishes the batches under way. */
  stop(): Promise<void>
  /** Resolves after `stop`; rejects with the failure no restart can mend. */
  readonly ended: Promise<void>
}

const defaults = { maxRecords: 1_024, cacheBytes: 8 << 20 }
/** A fold that has a backlog gives way to requests after this long. */
const sliceMs = 1
const restartDelayMs = 100

/** Runs one processor over all partitions of its topic. */
export async function startProcessing<T extends TopicName>(
  processor: RowProcessor<T>,
  options: ProcessingOptions,
): Promise<Processing> {
  const { log, store, metrics, clock } = options
  const stopping = new AbortController()
  const slices = timeSlices(sliceMs, () => clock.now())
  const bounds = await log.bounds(processor.topic)
  const starts = await Promise.all(bounds.map((partition) => startOf(store, processor.name, partition)))
  const done = progress(starts)

  async function keepRunning(partition: PartitionBounds, first: Position): Promise<void> {
    let from = first
    while (!stopping.signal.aborted) {
      try {
        await runPartition({
          ...defaults,
          ...options,
          processor,
          from,
          signal: stopping.signal,
          slices,
          now: () => clock.now(),
          onCheckpoint: (next) => done.advance(partition.partition, next),
        })
      } catch (error) {
        if (!isMillraceError(error) || !error.retriable) throw error
        options.onRestart?.(processor.name, partition.partition, error)
        await clock.sleep(restartDelayMs, stopping.signal)
        from = await startOf(store, processor.name, partition)
      }
    }
  }

  const tasks = bounds.map((partition, i) => keepRunning(partition, starts[i]!))
  const ended = joint(tasks, done, stopping)
  return {
    async caughtUp() {
      await done.reached(await log.bounds(processor.topic))
    },
    async measureLag() {
      const read = done.positions()
      for (const { partition, end } of await log.bounds(processor.topic)) {
        const lag = Math.max(0, end - (read[partition]?.offset ?? 0))
        metrics.gauge('millrace_lag_events', lag, { topic: processor.topic, partition: String(partition) })
      }
    },
    async stop() {
      stopping.abort()
      await ended
    },
    ended,
  }
}

async function startOf(store: StateStore, task: string, { epoch, partition }: PartitionBounds): Promise<Position> {
  return (await store.checkpoint(task, partition)) ?? { epoch, partition, offset: 0 }
}
