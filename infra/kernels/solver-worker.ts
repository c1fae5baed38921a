import { parentPort } from 'node:worker_threads'
import { MillraceError } from '#schemas/errors.ts'
import { runSolverJob, type SolverJob } from './solver-job.ts'

/** The whole life of a solver's worker thread: runs each job sent to it and answers when no block is left. */
export function serveSolverJobs(): void {
  const port = parentPort
  if (port === null) throw new MillraceError('broken-invariant', 'Solver jobs are served on a worker thread')
  port.on('message', (job: SolverJob) => {
    runSolverJob(job)
    port.postMessage('done')
  })
}
