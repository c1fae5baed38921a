import { constants, setPriority } from 'node:os'
import { workerData } from 'node:worker_threads'
import { writeGraph, type GraphSettings } from './graph.ts'

export interface GraphJob {
  readonly file: string
  readonly dimension: number
  /** Backed by shared memory: nothing is copied to the thread. */
  readonly vectors: Float32Array
  readonly settings: GraphSettings
}

/** The whole life of an index builder's thread: one graph, written to a file. */
export async function buildGraphOnThread(): Promise<void> {
  const job: GraphJob = workerData
  // On Linux this is the thread's own priority, elsewhere the process's: building gives way to answering.
  if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_LOW)
  await writeGraph(job.file, job.dimension, job.vectors, job.settings)
}
