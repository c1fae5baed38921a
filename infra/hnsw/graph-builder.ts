import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { MillraceError } from '#schemas/errors.ts'
import type { GraphJob } from './graph-worker.ts'
import { readGraph, type Graph, type GraphSettings, type HnswlibFound } from './graph.ts'
import type { Snapshot } from './snapshot.ts'

export interface GraphBuilder {
  /** Undefined where a scan serves better or no graph can be made. Rejects with `store-failed` or `stopped`. */
  build(snapshot: Snapshot): Promise<Graph | undefined>
  /** Ends a build under way, which rejects with `stopped`. */
  close(): Promise<void>
}

export interface GraphBuilderOptions {
  readonly found: HnswlibFound
  readonly worker: URL
  readonly folder: string
  readonly graphFrom: number
  readonly settings: GraphSettings
}

/** Graphs built on a thread of their own, handed over as a file that is gone once it is read. */
export function graphBuilder(options: GraphBuilderOptions): GraphBuilder {
  const running = new Set<Worker>()
  let closed = false

  return {
    async build(snapshot) {
      if (closed) throw stopped()
      if (options.found.type === 'missing' || snapshot.slots.length < options.graphFrom) return undefined
      const folder = await mkdtemp(join(options.folder, 'millrace-index-'))
      try {
        const file = join(folder, 'graph')
        await runThread({ file, dimension: snapshot.dimension, vectors: snapshot.vectors, settings: options.settings })
        return await readGraph(options.found.hnswlib, file, snapshot.dimension, options.settings)
      } catch (error) {
        if (closed) throw stopped()
        throw new MillraceError('store-failed', 'The index could not be built', { cause: error, retriable: true })
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    async close() {
      closed = true
      await Promise.all([...running].map((worker) => worker.terminate()))
    },
  }

  async function runThread(job: GraphJob): Promise<void> {
    if (closed) throw stopped()
    const worker = new Worker(options.worker, { workerData: job })
    running.add(worker)
    try {
      const [code]: unknown[] = await once(worker, 'exit')
      if (code !== 0) throw new Error(`The thread exited with code ${String(code)}`)
    } finally {
      running.delete(worker)
    }
  }
}

function stopped(): MillraceError {
  return new MillraceError('stopped', 'The index was closed')
}
