import { followClickThrough } from '#stream-processors/click-through.ts'
import { topology } from '#stream-processors/topology.ts'
import { startItemVectors } from '#stream-processors/processors/item-vectors.ts'
import { logTail } from '#stream-processors/runtime/log-tail.ts'
import { startProcessing } from '#stream-processors/runtime/processing.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { Parts } from './embedded.ts'

export interface ProcessingRole {
  /** Resolves once everything on the source topics is folded and announced. */
  folded(): Promise<void>
  /** Finishes the batches under way; what made a fold fail is said by `ended`. */
  stop(): Promise<void>
  /** Rejects with the failure that no restart can mend. */
  readonly ended: Promise<unknown>
}

export interface ProcessingRoleOptions {
  readonly parts: Parts
  readonly metrics: Metrics
  readonly solver: Pick<Solver, 'foldIn'>
  readonly report: (error: unknown, doing: string) => void
}

const lagEveryMs = 5_000
const retainEveryMs = 3_600_000

/** Folds every source topic, keeps the vectors of new items fresh, and applies retention. */
export async function startProcessingRole({
  parts,
  metrics,
  solver,
  report,
}: ProcessingRoleOptions): Promise<ProcessingRole> {
  const { log, clock, codec, settings } = parts
  const processors = topology(settings)
  const stopping = new AbortController()
  const onRestart = (name: string, partition: number, error: unknown) =>
    report(error, `folding partition ${partition} of ${name}; it starts anew from its checkpoint`)
  const options = { ...parts, metrics, onRestart }
  const folds = await Promise.all([
    startProcessing(processors.interactions, options),
    startProcessing(processors.items, options),
    startProcessing(processors.profiles, options),
  ])
  const clicks = await followClickThrough({ tail: logTail({ log, codec, clock }), metrics, report })
  const vectors = await startItemVectors({ ...parts, solver, report, tail: logTail({ log, codec, clock }) })

  async function every(ms: number, doing: string, act: () => Promise<void>): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(ms, stopping.signal)
      if (stopping.signal.aborted) return
      try {
        await act()
      } catch (error) {
        report(error, doing)
      }
    }
  }

  const chores = [
    every(lagEveryMs, 'measuring the lag', async () => {
      for (const fold of folds) await fold.measureLag()
    }),
    every(retainEveryMs, 'applying retention', () => log.retain(clock.now())),
  ]
  const ended = Promise.all(folds.map((fold) => fold.ended))
  // A fold may fail before anyone asks how it ended.
  ended.catch(() => {})
  return {
    async folded() {
      await Promise.all(folds.map((fold) => fold.caughtUp()))
    },
    async stop() {
      stopping.abort()
      await Promise.all([vectors.stop(), clicks.stop()])
      await Promise.allSettled(folds.map((fold) => fold.stop()))
      await Promise.all(chores)
    },
    ended,
  }
}
