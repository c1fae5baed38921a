import { MillraceError } from '#schemas/errors.ts'
import type { FitSettings, TrainingSettings } from '#schemas/models/training-settings.ts'
import type { SplitOptions } from '../splits.ts'

/** What was searched: trials of equal studies can be told from each other's records. */
export interface Study extends SplitOptions {
  readonly trials: number
  readonly base: TrainingSettings
  /** Entries of the histories: a log that has grown is another study. */
  readonly entries: number
}

/** One fit and its judgement on the validation part. */
export interface TrialRecord {
  readonly trial: number
  readonly round: number
  /** With the iterations of the round. */
  readonly settings: FitSettings
  readonly ndcg: number
  readonly seconds: number
}

/** Where trials are recorded as they end; those of an earlier run of the same study are not run again. */
export interface TrialJournal {
  /** Throws `conflict` when the journal is of another study. */
  open(study: Study): readonly TrialRecord[]
  add(record: TrialRecord): void
}

export function memoryJournal(): TrialJournal & { readonly records: TrialRecord[] } {
  const records: TrialRecord[] = []
  let opened: string | undefined
  return {
    records,
    open(study) {
      refuseOther(opened, study)
      opened = JSON.stringify(study)
      return [...records]
    },
    add: (record) => void records.push(record),
  }
}

/** `recorded`: the study of a journal as JSON; undefined for a new one. */
export function refuseOther(recorded: string | undefined, study: Study): void {
  if (recorded === undefined || recorded === JSON.stringify(study)) return
  throw new MillraceError('conflict', 'these trials are of another study: of other data, settings or seed', {
    facts: { recorded, study: JSON.stringify(study) },
  })
}
