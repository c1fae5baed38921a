import type { JobProgress, TrainingReport } from '#batch/job.ts'
import { prometheusMetrics } from '#infra/prometheus/metrics.ts'
import { closers, type Closers } from './closers.ts'
import type { Config } from './config-keys.ts'
import { apiKeysOf } from './config.ts'
import { openEmbedded } from './embedded.ts'
import { assertHostAllowed } from './http/host.ts'
import type { Parts } from './parts.ts'
import { listen, roleServer } from './role-server.ts'
import { startIngestRole } from './roles/ingest.ts'
import { startProcessRole } from './roles/process.ts'
import { startScheduleRole } from './roles/schedule.ts'
import { startServeRole } from './roles/serve.ts'
import { startTrainRole } from './roles/train.ts'
import { solverOf } from './solver-of.ts'

export interface StandaloneOptions {
  /** A taken port is an error when it was asked for, else the next free one is used. */
  readonly portIsExplicit?: boolean
  readonly report?: (error: unknown, doing: string) => void
  readonly onTraining?: (progress: JobProgress) => void
}

export interface Standalone {
  readonly url: string
  readonly parts: Parts
  /** What this machine lacks, for people. */
  readonly lacks: readonly string[]
  readonly ready: () => { readonly ready: boolean; readonly reasons: readonly string[] }
  /** Resolves once everything on the log is folded and served. */
  caughtUp(): Promise<void>
  /** Trains and publishes now, on a thread of its own; `conflict` while another training runs. */
  train(): Promise<TrainingReport>
  /** Finishes what is in flight. */
  close(): Promise<void>
  /** Rejects when a fold stopped for good. */
  readonly failed: Promise<unknown>
}

/** All roles in one process on a data folder: ingest, processors, serving, schedule. What fails to start closes what had. */
export async function startStandalone(config: Config, options: StandaloneOptions = {}): Promise<Standalone> {
  assertHostAllowed(config.host, apiKeysOf(config))
  const opened = closers()
  try {
    return await assemble(config, options, opened)
  } catch (error) {
    await opened.close()
    throw error
  }
}

async function assemble(config: Config, options: StandaloneOptions, opened: Closers): Promise<Standalone> {
  const { report = () => undefined, onTraining = () => undefined } = options
  const parts = await openEmbedded(config)
  opened.add(() => parts.close())
  const metrics = prometheusMetrics()
  const solver = solverOf(config)
  opened.add(() => solver.close())
  const context = { parts, metrics, report, solver, onTraining }
  const process = await startProcessRole(context)
  opened.add(() => process.stop())
  const serve = await startServeRole(context)
  opened.add(() => serve.stop())
  const train = startTrainRole(context)
  const schedule = await startScheduleRole({ ...context, train: () => train.trainer.train() })
  opened.add(async () => {
    await train.stop()
    await schedule.stop()
  })
  const ingest = await startIngestRole(context)
  opened.add(() => ingest.stop())
  const routes = [ingest, serve, train].flatMap((role) => role.routes)
  const server = roleServer({ ...parts, metrics, routes, ready: () => serve.ready() })
  opened.add(async () => server.close())
  await server.ready()
  const url = await listen(server, config, options.portIsExplicit === true)
  return {
    url,
    parts,
    lacks: serve.lacks,
    ready: () => serve.ready(),
    async caughtUp() {
      await process.folded()
      await serve.caughtUp()
    },
    train: () => train.trainer.train(),
    close: () => opened.close(),
    failed: process.ended,
  }
}
