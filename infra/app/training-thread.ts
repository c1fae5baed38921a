import { MessageChannel, Worker } from 'node:worker_threads'
import type { JobProgress, TrainingReport } from '#batch/job.ts'
import type { CatalogueEntry } from '#schemas/ports/feature-store.ts'
import type { AppendRecord, LogRecord, PartitionBounds } from '#schemas/ports/event-log.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { Position } from '#schemas/position.ts'
import type { TopicName } from '#schemas/topics.ts'
import type { ModelStoresOrder } from './model-stores.ts'
import type { Parts } from './parts.ts'
import { ownerOf, trainingSettingsOf, type TrainingChoices } from './training.ts'
import { errorOf, serveCalls, type Failure } from './workers/calls.ts'
import { workerEntry } from './workers/entry.ts'

/** What the training thread is told; the ports it cannot open itself come as calls through `port`. */
export interface TrainingOrder extends TrainingChoices {
  readonly modelStores: ModelStoresOrder
  readonly partitions: Readonly<Record<'single' | 'source', number>>
  readonly threads: number
  readonly kernels: string
}

export type TrainingMessage =
  | { readonly type: 'progress'; readonly progress: JobProgress }
  | { readonly type: 'done'; readonly report: TrainingReport }
  | { readonly type: 'failed'; readonly failure: Failure }

/** What the owner of the data folder does for the training thread. */
export interface OwnerCalls {
  append(topic: TopicName, records: readonly AppendRecord[]): Promise<Position[]>
  bounds(topic: TopicName): Promise<readonly PartitionBounds[]>
  /** One batch of a read, empty at the end of the log. */
  page(topic: TopicName, from: Position, keys: boolean): Promise<readonly LogRecord[]>
  /** The next entries of the catalogue, none at its end; after that it begins anew. */
  nextOfCatalogue(): Promise<readonly CatalogueEntry[]>
}

const pageRecords = 5_000

/** Trains on a thread of its own, so that answers do not wait for it. Rejects as the training does. */
export function trainOnThread(
  parts: Parts,
  publish: boolean,
  onProgress: (progress: JobProgress) => void,
): { readonly report: Promise<TrainingReport>; stop(): Promise<void> } {
  const { config, settings, rows, log } = parts
  const { port1: ours, port2: theirs } = new MessageChannel()
  serveCalls(ours, ownerCalls(parts))
  const order: TrainingOrder = {
    settings: trainingSettingsOf(config),
    foldSettings: settings,
    rows,
    publish,
    ranks: config.ranking === 'learned',
    owner: ownerOf(config),
    modelStores: parts.modelStores,
    partitions: { single: log.partitions('models'), source: log.partitions('interactions') },
    threads: config.threads,
    kernels: config.kernels,
  }
  const worker = new Worker(workerEntry('train'), { workerData: { order, port: theirs }, transferList: [theirs] })
  let stopping = false
  const report = new Promise<TrainingReport>((resolve, reject) => {
    worker.on('message', (message: TrainingMessage) => {
      switch (message.type) {
        case 'progress':
          onProgress(message.progress)
          break
        case 'done':
          resolve(message.report)
          break
        case 'failed':
          reject(errorOf(message.failure))
      }
    })
    worker.on('error', reject)
    worker.on('exit', (code) => {
      ours.close()
      const how = stopping ? 'the training was stopped' : `the training thread ended with ${code}`
      reject(new MillraceError('stopped', how, { retriable: true }))
    })
  })
  return {
    report,
    async stop() {
      stopping = true
      await worker.terminate()
    },
  }
}

function ownerCalls({ log, features }: Parts): { [K in keyof OwnerCalls]: OwnerCalls[K] } {
  let catalogue: AsyncIterator<readonly CatalogueEntry[]> | undefined
  return {
    append: (topic, records) => log.append(topic, records),
    bounds: (topic) => log.bounds(topic),
    async page(topic, from, keys) {
      for await (const records of log.read(topic, from, { maxRecords: pageRecords, keys })) return records
      return []
    },
    async nextOfCatalogue() {
      catalogue ??= features.catalogue()[Symbol.asyncIterator]()
      const page = await catalogue.next()
      if (page.done !== true) return page.value
      catalogue = undefined
      return []
    },
  }
}
