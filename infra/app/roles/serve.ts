import { findHnswlib } from '#infra/hnsw/graph.ts'
import { hnswVectorIndex } from '#infra/hnsw/vector-index.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import { consoleRoutes } from '#serving/console/console-routes.ts'
import { startServing } from '#serving/service.ts'
import { logTail } from '#stream-processors/runtime/log-tail.ts'
import { rankingOf } from '../config.ts'
import { onnxUserEncoder } from '#infra/onnx/user-encoder.ts'
import { modelRoutes } from '../model-routes.ts'
import { workerEntry } from '../workers/entry.ts'
import { chores } from './chores.ts'
import type { Role, RoleContext } from './role.ts'
import { acceptedWhileBehind } from './while-behind.ts'

/** Some 20 MB: by them copies of rows that instances share are told to hold. A data folder has no copies. */
const rememberedNotices = 200_000

export interface ServeRole extends Role {
  /** What this machine lacks, for people. */
  readonly lacks: readonly string[]
  /** Resolves once everything that was on the log when it was called is in what is served. */
  caughtUp(): Promise<void>
}

/** Answers every read. Everything it knows in memory is made anew from rows, models and the log. */
export async function startServeRole({
  parts,
  metrics,
  report,
  solver,
}: RoleContext & { readonly solver: Solver }): Promise<ServeRole> {
  const { log, codec, clock, config, settings } = parts
  const found = await findHnswlib()
  const onRestart = (name: string, partition: number, error: unknown) =>
    report(error, `following partition ${partition} for ${name}; it goes on from where it was`)
  const work = chores(clock, report)
  const accepted = acceptedWhileBehind(parts, work)
  const serving = await startServing(
    {
      ...parts,
      ...(accepted !== undefined && { accepted }),
      models: parts.registry,
      openEncoder: onnxUserEncoder(),
      tail: logTail({ log, codec, clock, onRestart }),
      createIndex: hnswVectorIndex({ worker: workerEntry('index-builder'), found, scanTopK: solver.scanTopK }),
      solver,
      metrics,
      report,
    },
    {
      settings,
      cursorKey: parts.cursorKey,
      exploration: config.exploration,
      ranking: rankingOf(config),
      maxConcurrent: config.maxConcurrent,
      freshOnly: config.freshOnly,
      rememberedNotices: config.preset === 'cluster' ? rememberedNotices : 0,
    },
  )
  return {
    routes: [(app, given) => serving.routes(app, given), consoleRoutes(), modelRoutes(parts)],
    ready: () => serving.ready(),
    caughtUp: () => serving.caughtUp(),
    async stop() {
      await work.stop()
      await serving.stop()
    },
    ended: serving.ended,
    lacks:
      found.type === 'found' ? [] : [`hnswlib-node (${found.reason}): large catalogues are searched by exact scan`],
  }
}
