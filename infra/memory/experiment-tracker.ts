import type { ExperimentTracker, TrackedRun } from '#schemas/ports/experiment-tracker.ts'

export function memoryExperimentTracker(): ExperimentTracker & { readonly runs: readonly TrackedRun[] } {
  const runs: TrackedRun[] = []
  return { runs, record: async (run) => void runs.push(run) }
}
