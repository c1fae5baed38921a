import type { JobProgress, TrainingReport } from '#batch/job.ts'
import type { TrainingStatus } from '#schemas/api/operations.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { Parts } from './parts.ts'
import { trainOnThread } from './training-thread.ts'

export interface Trainer {
  /** Trains and publishes on a thread of its own. Throws `conflict` while another training runs. */
  train(): Promise<TrainingReport>
  status(): TrainingStatus
  /** Ends the training under way; nothing it did is served. */
  stop(): Promise<void>
}

/** One training at a time, and how the last one ended. */
export function trainer(parts: Parts, onProgress: (progress: JobProgress) => void): Trainer {
  let running: ReturnType<typeof trainOnThread> | undefined
  let last: TrainingStatus = { state: 'idle' }
  return {
    async train() {
      if (running !== undefined) {
        throw new MillraceError('conflict', 'another training is under way', { retriable: true })
      }
      running = trainOnThread(parts, true, onProgress)
      try {
        const report = await running.report
        last = statusOf(report)
        return report
      } catch (error) {
        last = { state: 'failed', reason: error instanceof Error ? error.message : String(error) }
        throw error
      } finally {
        running = undefined
      }
    },
    status: () => (running === undefined ? last : { state: 'running' }),
    async stop() {
      await running?.stop()
    },
  }
}

function statusOf({ version, metrics, refused }: TrainingReport): TrainingStatus {
  if (refused === undefined) return { state: 'published', version, metrics: { ...metrics } }
  const { candidate, allowed } = refused
  const reason = `NDCG@10 ${candidate.toFixed(4)}; at least ${allowed.toFixed(4)} was needed`
  return { state: 'refused', metrics: { ...metrics }, reason }
}
