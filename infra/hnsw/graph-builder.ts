import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { MillraceError } from '#schemas/errors.ts'
import type { IndexBase } from '#schemas/ports/vector-index.ts'
import { withGraphFile, writePieces } from './graph-file.ts'
import type { GraphJob } from './graph-worker.ts'
import { graphFormat, readGraph, type Graph, type GraphSettings, type HnswlibFound } from './graph.ts'
import type { Snapshot } from './snapshot.ts'

export interface GraphBuilder {
  /** Undefined where a scan serves better or no graph can be made. Rejects with `store-failed` or `stopped`. */
  build(snapshot: Snapshot): Promise<Graph | undefined>
  /** The graph of a base of before; undefined where it is of another format or no graph can be had. Rejects as `build` does. */
  restore(base: IndexBase, snapshot: Snapshot): Promise<Graph | undefined>
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
      const { found, settings } = options
      if (found.type === 'missing' || snapshot.slots.length < options.graphFrom) return undefined
      return fromFile('The index could not be built', async (file) => {
        await runThread({ file, dimension: snapshot.dimension, vectors: snapshot.vectors, settings })
        return readGraph(found.hnswlib, file, sizeOf(snapshot), settings)
      })
    },
    async restore(base, snapshot) {
      if (closed) throw stopped()
      const { found, settings } = options
      if (found.type === 'missing' || base.format !== graphFormat) return undefined
      return fromFile('The base of an index could not be read', async (file) => {
        await writePieces(file, base.pieces())
        return readGraph(found.hnswlib, file, sizeOf(snapshot), settings)
      })
    },
    async close() {
      closed = true
      await Promise.all([...running].map((worker) => worker.terminate()))
    },
  }

  async function fromFile(failure: string, act: (file: string) => Promise<Graph>): Promise<Graph> {
    try {
      return await withGraphFile(options.folder, act)
    } catch (error) {
      if (closed) throw stopped()
      throw new MillraceError('store-failed', failure, { cause: error, retriable: true })
    }
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

function sizeOf({ dimension, slots }: Snapshot): { readonly dimension: number; readonly rows: number } {
  return { dimension, rows: slots.length }
}

function stopped(): MillraceError {
  return new MillraceError('stopped', 'The index was closed')
}
