import { parentPort, workerData } from 'node:worker_threads'
import type { DemoImport } from '#infra/demo/sample.ts'
import { importFiles } from '#producers/import/import-files.ts'
import { parseImportOptions } from '#producers/import/import-options.ts'
import { foldInteractions } from '#schemas/fold/interactions.ts'
import { mapRows } from '#schemas/fold/map-rows.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { loadConfig } from '../app/config.ts'
import { openEmbedded } from '../app/embedded.ts'
import type { Parts } from '../app/parts.ts'
import { embeddedTarget } from '../app/embedded-import.ts'
import { startProcessRole } from '../app/roles/process.ts'
import { solverOf } from '../app/solver-of.ts'

export interface FoldWork {
  readonly folder: string
  readonly imports: readonly DemoImport[]
}

export interface FoldTimes {
  /** Interactions. */
  readonly events: number
  readonly appendSeconds: number
  readonly decodeSeconds: number
  readonly memorySeconds: number
  readonly foldSeconds: number
}

const { folder, imports }: FoldWork = workerData
const parts = await openEmbedded(loadConfig({ env: {}, flags: { dataDir: folder } }))
parentPort?.postMessage(await times(parts))
await parts.close()

async function times(parts: Parts): Promise<FoldTimes> {
  let [events, appendSeconds] = [0, 0]
  for (const { files, options } of imports) {
    const plan = parseImportOptions(options, files)
    const report = await importFiles({
      ...parts,
      files,
      plan,
      target: embeddedTarget(parts),
      rejectsPath: `${folder}.rejects`,
    })
    if (options.as === 'interactions') [events, appendSeconds] = [report.accepted, report.seconds]
  }
  const decodeSeconds = await eachEvent(parts, () => undefined)
  const rows = mapRows()
  const memorySeconds = await eachEvent(parts, (event, at) => foldInteractions(rows, event, at, parts.settings))
  const foldSeconds = await drainSeconds(parts)
  return { events, appendSeconds, decodeSeconds, memorySeconds, foldSeconds }
}

type Event = Parameters<typeof foldInteractions>[1]
type At = Parameters<typeof foldInteractions>[2]

async function eachEvent({ log, codec }: Parts, use: (event: Event, at: At) => void): Promise<number> {
  const began = performance.now()
  for (const { epoch, partition, start } of await log.bounds('interactions')) {
    for await (const records of log.read('interactions', { epoch, partition, offset: start })) {
      for (const { offset, value } of records) {
        const event = codec.decodeEvent('interactions', value)
        use(event, { epoch, partition, offset, acceptedAt: event.acceptedAt })
      }
    }
  }
  return (performance.now() - began) / 1000
}

async function drainSeconds(parts: Parts): Promise<number> {
  const solver = solverOf(parts.config)
  const began = performance.now()
  const report = (error: unknown) => console.error(error)
  const processing = await startProcessRole({ parts, metrics: noMetrics, solver, report })
  await processing.folded()
  const seconds = (performance.now() - began) / 1000
  await processing.stop()
  await solver.close()
  return seconds
}
