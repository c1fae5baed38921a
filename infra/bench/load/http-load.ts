import { Worker } from 'node:worker_threads'

export interface LoadRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
}

export interface LoadOptions {
  readonly url: string
  /** Each is sent once, in this order. */
  readonly requests: readonly LoadRequest[]
  readonly connections: number
  /** The first so many are sent and not measured. Default 0. */
  readonly warmUp?: number
  /** Requests due a second, whatever the answers take; without it each connection sends the next when it has an answer. */
  readonly perSecond?: number
  /** Nothing is sent after this long. Default 60. */
  readonly maxSeconds?: number
  /** Bodies of the first measured answers to bring back. Default 0. */
  readonly keepBodies?: number
}

export interface LoadReport {
  /** Measured requests that were answered. */
  readonly answered: number
  /** From the first measured request to the last answer. */
  readonly seconds: number
  /** Of each measured request, from when it was sent; at a fixed rate from when it was due. */
  readonly milliseconds: Float64Array
  /** Answers by status, those of the warm-up too. */
  readonly statuses: Readonly<Record<number, number>>
  readonly bodies: readonly string[]
}

/** Sends requests from a thread of its own. Rejects when a connection fails. */
export function httpLoad(options: LoadOptions): Promise<LoadReport> {
  const worker = new Worker(new URL('./load-worker.ts', import.meta.url), { workerData: options })
  const { promise, resolve, reject } = Promise.withResolvers<LoadReport>()
  worker.once('message', resolve)
  worker.once('error', reject)
  worker.once('exit', (code) => reject(new Error(`the load generator ended with ${code}`)))
  return promise
}

/** The report, when every answer had the status. Throws naming the others. */
export function allAnswered(report: LoadReport, status: number): LoadReport {
  const others = Object.keys(report.statuses).filter((other) => Number(other) !== status)
  if (others.length === 0 && report.answered > 0) return report
  throw new Error(`answers other than ${status}: ${JSON.stringify(report.statuses)}`)
}
