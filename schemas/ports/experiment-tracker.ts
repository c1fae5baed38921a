/** One thing that was tried, as a record for people. */
export interface TrackedRun {
  /** Of runs that are looked at together. */
  readonly experiment: string
  readonly name: string
  /** What was chosen, by name. */
  readonly parameters: Readonly<Record<string, string | number>>
  /** What came of it, by name. Finite. */
  readonly metrics: Readonly<Record<string, number>>
  /** Epoch ms. */
  readonly startedAt: number
  readonly endedAt: number
}

/** Keeps runs where people compare them. Nothing is read back: the record of a search that counts is its journal. */
export interface ExperimentTracker {
  /** Resolves once the run is recorded whole. Rejects with `store-failed`, retriable where it may succeed later. */
  record(run: TrackedRun): Promise<void>
}
