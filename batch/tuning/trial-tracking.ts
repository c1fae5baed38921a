import type { ExperimentTracker } from '#schemas/ports/experiment-tracker.ts'
import type { Study, TrialRecord } from './study.ts'

export interface TrackingOptions {
  readonly tracker: ExperimentTracker
  readonly experiment: string
  /** Told of a trial that could not be sent: the search goes on without it. */
  readonly report: (error: unknown, doing: string) => void
}

export interface TrialTracking {
  /** Returns at once: trials are sent one after the other while the search goes on. */
  tell(record: TrialRecord, endedAt: number): void
  /** Resolves when all that was told is sent or has failed. */
  told(): Promise<void>
}

/** Sends trials to a tracker; nowhere without one. */
export function trialTracking(study: Study, options: TrackingOptions | undefined): TrialTracking {
  let last: Promise<void> = Promise.resolve()
  return {
    tell(record, endedAt) {
      if (options !== undefined) last = last.then(() => send(study, options, record, endedAt))
    },
    told: () => last,
  }
}

async function send(
  { protocol, fraction, seed: splitSeed, entries }: Study,
  { tracker, experiment, report }: TrackingOptions,
  { trial, round, settings, ndcg, seconds }: TrialRecord,
  endedAt: number,
): Promise<void> {
  const name = `trial ${trial}, round ${round}`
  try {
    await tracker.record({
      experiment,
      name,
      endedAt,
      startedAt: endedAt - Math.round(seconds * 1_000),
      parameters: { ...settings, trial, round, protocol, fraction, splitSeed, entries },
      metrics: { ndcg_at_10: ndcg, seconds },
    })
  } catch (error) {
    report(error, `sending ${name}`)
  }
}
