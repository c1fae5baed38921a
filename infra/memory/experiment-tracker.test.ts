import { experimentTrackerContract } from '#schemas/ports/experiment-tracker.contract.ts'
import { memoryExperimentTracker } from './experiment-tracker.ts'

experimentTrackerContract('memory', async () => {
  const tracker = memoryExperimentTracker()
  const runsOf = async (experiment: string) => tracker.runs.filter((run) => run.experiment === experiment)
  return { tracker, runsOf }
})
