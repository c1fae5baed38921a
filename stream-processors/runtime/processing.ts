import { isMillraceError } from '#schemas/errors.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import type { TopicName } from '#schemas/topics.ts'
import { partitionRuns } from './partition-runs.ts'
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
  /** Owned from the start. Default: all. */
  readonly partitions?: readonly number[]
  /** Records folded between two checkpoints at most: more are cheaper, since a row is written once for all of them. Default 1,024. */
  readonly maxRecords?: number
  /** Encoded bytes of rows that each partition keeps of each table. Default 8 MiB. */
  readonly cacheBytes?: number
  /** Called when a task failed and will start anew. */
  readonly onRestart?: (processor: string, partition: number, error: unknown) => void
}

export interface Processing {
  /** Folds these partitions from now on and no others; resolves when the batches under way of those given up have ended. */
  own(partitions: readonly number[]): Promise<void>
  /** Resolves once everything that was on the owned partitions when it was called is folded, announced and checkpointed. */
  caughtUp(): Promise<void>
  /** Records of the owned partitions that are not yet folded; sets their gauge. */
  measureLag(): Promise<number>
  /** Finishes the batches under way. */
  stop(): Promise<void>
  /** Resolves after `stop`; rejects with the failure no restart can mend. */
  readonly ended: Promise<void>
}

const defaults = { maxRecords: 1_024, cacheBytes: 8 << 20 }
/** A fold that has a backlog gives way to requests after this long. */
const sliceMs = 1
const restartDelayMs = 100

/**
 * Runs one processor over the owned partitions of its topic. Another process may still work on a partition that has become
 * ours: each task goes by its own contiguous reading from a checkpoint, and comes to the same rows.
 */
export async function startProcessing<T extends TopicName>(
  processor: RowProcessor<T>,
  options: ProcessingOptions,
): Promise<Processing> {
  const { log, store, metrics, clock } = options
  const { topic, name } = processor
  const slices = timeSlices(sliceMs, () => clock.now())
  const bounds = await log.bounds(topic)
  const done = progress()
  const runs = partitionRuns(keepRunning, (error) => done.fail(error))

  async function keepRunning(partition: number, signal: AbortSignal): Promise<void> {
    const { epoch } = bounds[partition]!
    while (!signal.aborted) {
      try {
        const from = (await store.checkpoint(name, partition)) ?? { epoch, partition, offset: 0 }
        done.advance(from)
        await runPartition({
          ...defaults,
          ...options,
          processor,
          from,
          signal,
          slices,
          now: () => clock.now(),
          onCheckpoint: (offset) => done.advance({ ...from, offset }),
        })
      } catch (error) {
        if (!isMillraceError(error) || !error.retriable) throw error
        options.onRestart?.(name, partition, error)
        await clock.sleep(restartDelayMs, signal)
      }
    }
  }

  function tellLag(partition: number, lag: number): void {
    metrics.gauge('millrace_lag_events', lag, { topic, partition: String(partition) })
  }

  async function own(partitions: readonly number[]): Promise<void> {
    const before = done.positions()
    done.own(partitions)
    await runs.own(partitions)
    for (const { partition } of before) if (!partitions.includes(partition)) tellLag(partition, 0)
  }

  void own(options.partitions ?? bounds.map(({ partition }) => partition))
  return {
    own,
    async caughtUp() {
      await done.reached(await log.bounds(topic))
    },
    async measureLag() {
      const ends = await log.bounds(topic)
      let sum = 0
      for (const { partition, offset } of done.positions()) {
        const lag = Math.max(0, (ends[partition]?.end ?? 0) - offset)
        tellLag(partition, lag)
        sum += lag
      }
      return sum
    },
    stop: () => runs.stop(),
    ended: runs.ended,
  }
}
