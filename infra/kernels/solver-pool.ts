import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { MillraceError } from '#schemas/errors.ts'
import type { SolverJob } from './solver-job.ts'

export interface SolverThreads {
  /**
   * Worker threads for Gramians, half-iterations and ridge regressions. 0, the default, computes them on the calling thread, which is
   * blocked meanwhile. The results are the same bytes for any number.
   */
  readonly threads?: number
  /** Entry file of a worker thread (it calls `serveSolverJobs`); needed when `threads` is above 0. */
  readonly worker?: URL
}

export interface SolverPool {
  /** Runs a job on every thread at once; jobs wait for each other. Rejects with `broken-invariant` when a thread fails. */
  run(job: SolverJob): Promise<void>
  /** Ends the threads; a job under way rejects with `stopped`. */
  close(): Promise<void>
}

/**
 * Worker threads that are started with the first job and keep the process alive only while one is running; undefined for
 * no threads.
 */
export function solverPool({ threads = 0, worker: entry }: SolverThreads): SolverPool | undefined {
  if (threads === 0) return undefined
  if (entry === undefined) {
    throw new MillraceError('configuration-invalid', 'A solver with threads needs the entry file of its workers')
  }
  const start = (): Worker => new Worker(entry)
  let workers: Worker[] = []
  let last: Promise<unknown> = Promise.resolve()
  let closed = false

  return {
    run(job) {
      const running = last.then(() => runOnAll(job))
      last = Promise.allSettled([running])
      return running
    },
    async close() {
      closed = true
      await endAll()
      await last
    },
  }

  async function runOnAll(job: SolverJob): Promise<void> {
    if (closed) throw stopped()
    if (workers.length === 0) workers = Array.from({ length: threads }, start)
    try {
      await Promise.all(workers.map((worker) => runOn(worker, job)))
    } catch (error) {
      await endAll()
      throw closed ? stopped() : error
    }
  }

  async function endAll(): Promise<void> {
    const ended = workers
    workers = []
    await Promise.all(ended.map((worker) => worker.terminate()))
  }
}

/** Resolves with the thread's answer; while it runs the thread keeps the process alive. */
async function runOn(worker: Worker, job: SolverJob): Promise<void> {
  worker.ref()
  const settled = new AbortController()
  const { signal } = settled
  try {
    const answered = once(worker, 'message', { signal })
    const exited = once(worker, 'exit', { signal })
    worker.postMessage(job, [])
    const first = await Promise.race([answered, exited])
    if (first[0] !== 'done') throw new Error(`the thread exited with code ${first[0]}`)
  } catch (cause) {
    throw new MillraceError('broken-invariant', 'A solver thread failed', { cause })
  } finally {
    settled.abort()
    worker.unref()
  }
}

function stopped(): MillraceError {
  return new MillraceError('stopped', 'The solver is closed')
}
