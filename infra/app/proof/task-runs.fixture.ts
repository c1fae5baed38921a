import { noMetrics } from '#schemas/ports/metrics.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { interactionsProcessor } from '#stream-processors/processors/interactions.ts'
import { runPartition } from '#stream-processors/runtime/partition-task.ts'

export interface TaskRun {
  readonly partition: number
  /** Checkpoints after which the task is stopped; the next run begins anew, with empty caches. */
  readonly batches: number
  readonly maxRecords: number
}

/** Runs the task of one partition of `interactions` from its checkpoint for some batches; says whether the end was reached. */
export async function runTask(
  { partition, batches, maxRecords }: TaskRun,
  ports: { readonly log: EventLog; readonly store: StateStore; readonly codec: Codec; readonly settings: FoldSettings },
): Promise<boolean> {
  const { log, store, codec, settings } = ports
  const { epoch, end } = (await log.bounds('interactions'))[partition]!
  const from = (await store.checkpoint('interactions', partition)) ?? { epoch, partition, offset: 0 }
  if (from.offset >= end) return true
  const stop = new AbortController()
  let done = 0
  let reached = from.offset
  await runPartition({
    processor: interactionsProcessor(settings),
    log,
    store,
    codec,
    metrics: noMetrics,
    now: () => 0,
    from,
    maxRecords,
    cacheBytes: 0,
    signal: stop.signal,
    onCheckpoint(next) {
      reached = next
      if (++done >= batches || next >= end) stop.abort()
    },
  })
  return reached >= end
}
