import { randomUUID } from 'node:crypto'
import { scheduleTraining } from '#batch/schedule.ts'
import type { JobProgress, TrainingReport } from '#batch/job.ts'
import { findHnswlib } from '#infra/hnsw/graph.ts'
import { hnswVectorIndex } from '#infra/hnsw/vector-index.ts'
import { typescriptSolver } from '#infra/kernels/typescript-solver.ts'
import { prometheusMetrics, type PrometheusMetrics } from '#infra/prometheus/metrics.ts'
import { ingestRoutes } from '#producers/ingest/ingest-routes.ts'
import { MillraceError } from '#schemas/errors.ts'
import { consoleRoutes } from '#serving/console/console-routes.ts'
import { startServing, type Serving } from '#serving/service.ts'
import { logTail } from '#stream-processors/runtime/log-tail.ts'
import { closers, type Closers } from './closers.ts'
import type { Config } from './config-keys.ts'
import { apiKeysOf } from './config.ts'
import { cursorKeyOf } from './cursor-key.ts'
import { openEmbedded, type Parts } from './embedded.ts'
import { assertHostAllowed } from './http/host.ts'
import { createServer, serverDefaults, type Server } from './http/server.ts'
import { operatorRoutes } from './operator-routes.ts'
import { startProcessingRole } from './processing-role.ts'
import { version } from './release.ts'
import { trainer, type Trainer } from './trainer.ts'
import { workerEntry } from './workers/entry.ts'

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

const lookEveryMs = 10_000

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
  const { log, codec, clock, settings } = parts
  const metrics = prometheusMetrics()
  const found = await findHnswlib()
  const solver = typescriptSolver()
  opened.add(() => solver.close())
  const processing = await startProcessingRole({ parts, metrics, solver, report })
  opened.add(() => processing.stop())
  const serving = await startServing(
    {
      ...parts,
      models: parts.registry,
      tail: logTail({ log, codec, clock }),
      createIndex: hnswVectorIndex({ worker: workerEntry('index-builder'), found }),
      solver,
      metrics,
      report,
    },
    {
      settings,
      cursorKey: cursorKeyOf(config.dataDir),
      exploration: config.exploration,
      maxConcurrent: config.maxConcurrent,
      freshOnly: config.freshOnly,
    },
  )
  opened.add(() => serving.stop())
  const trainings = trainer(parts, onTraining)
  const schedule = await scheduleTraining({
    train: () => trainings.train(),
    cron: config.trainCron,
    afterEvents: config.trainAfterEvents,
    countEvents: async () => (await log.bounds('interactions')).reduce((sum, { end }) => sum + end, 0),
    every(look) {
      const timer = setInterval(() => void look(), lookEveryMs)
      return () => clearInterval(timer)
    },
    onError: (error) => report(error, 'training'),
  })
  opened.add(async () => {
    await trainings.stop()
    await schedule.stop()
  })
  const server = serverOf({ parts, serving, metrics, trainings, report })
  opened.add(async () => server.close())
  await server.ready()
  const url = await listen(server, config, options.portIsExplicit === true)
  return {
    url,
    parts,
    lacks:
      found.type === 'found' ? [] : [`hnswlib-node (${found.reason}): large catalogues are searched by exact scan`],
    ready: () => serving.ready(),
    async caughtUp() {
      await processing.folded()
      await serving.caughtUp()
    },
    train: () => trainings.train(),
    close: () => opened.close(),
    failed: processing.ended,
  }
}

/** Every route of every role, behind one address. */
function serverOf(roles: {
  readonly parts: Parts
  readonly serving: Serving
  readonly metrics: PrometheusMetrics
  readonly trainings: Trainer
  readonly report: (error: unknown, doing: string) => void
}): Server {
  const { parts, serving, metrics, trainings, report } = roles
  const { config } = parts
  const server = createServer({
    version,
    apiKeys: apiKeysOf(config),
    ready: () => serving.ready(),
    renderMetrics: async () => (await metrics.render()).body,
    metrics,
    pressure: serverDefaults.pressure,
    ...(config.rateLimit > 0 && { rateLimit: { max: config.rateLimit, windowMs: 60_000 } }),
    ...(isLogLevel(config.logLevel) && { logLevel: config.logLevel }),
  })
  const limits = { maxBytesInFlight: config.maxPendingBytes }
  void server.register(ingestRoutes({ ...parts, metrics, newId: randomUUID, limits }))
  void server.register((app, given) => serving.routes(app, given))
  void server.register(consoleRoutes())
  void server.register(operatorRoutes({ parts, trainer: trainings, report }))
  return server
}

const portsTried = 20

async function listen(server: Server, { host, port }: Config, explicit: boolean): Promise<string> {
  for (let tried = port; ; tried++) {
    try {
      return await server.listen({ host, port: tried })
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
      if (!isTaken) throw error
      if (explicit || tried >= port + portsTried) {
        const facts = { host, port: tried }
        throw new MillraceError('address-in-use', `port ${tried} on ${host} is taken`, { cause: error, facts })
      }
    }
  }
}

function isLogLevel(level: string): level is 'error' | 'warn' | 'info' | 'debug' {
  return ['error', 'warn', 'info', 'debug'].includes(level)
}
