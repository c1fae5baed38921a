import type { FastifyPluginAsync } from 'fastify'
import { defaultServingOptions, type ServingOptions } from './options.ts'
import type { ServingPorts } from './ports.ts'
import { startReadModel } from './read-model/read-model.ts'
import { keepUp } from './read-model/upkeep.ts'
import { admission } from './recommend/admission.ts'
import { measuredSearch } from './recommend/live-recall.ts'
import { recommend, type Pipeline } from './recommend/pipeline.ts'
import { impressionRecorder } from './recommend/record.ts'
import { requestScratch } from './recommend/scratch.ts'
import { similarItems } from './recommend/similar.ts'
import { stages } from './recommend/stages.ts'
import { tasteCache } from './recommend/tastes.ts'
import { trendingItems } from './recommend/trending.ts'
import { catalogueRoutes } from './routes/catalogue.ts'
import { rowRoutes } from './routes/rows.ts'
import { recommendationRoutes, type Recommender } from './routes/recommendations.ts'

export interface Serving extends Recommender {
  readonly routes: FastifyPluginAsync
  /** Ready once it has caught up with what was on the log at the start; else the reasons, for people. */
  ready(): { readonly ready: boolean; readonly reasons: readonly string[] }
  /** Resolves once everything that was on the log when it was called is in what is served. */
  caughtUp(): Promise<void>
  /** Writes what was recorded, then stops following the log. */
  stop(): Promise<void>
  /** Rejects when it can no longer follow the log: it answers on, with what it knows, and should be started anew. */
  readonly ended: Promise<void>
}

/** Starts to answer: resolves once the log is followed; what is there at the start may still be loading. */
export async function startServing(
  ports: ServingPorts,
  given: Partial<ServingOptions> & Pick<ServingOptions, 'cursorKey'>,
): Promise<Serving> {
  const options = { ...defaultServingOptions, ...given }
  const { solver, metrics, report } = ports
  const readModel = await startReadModel(ports, options)
  const recorder = impressionRecorder(ports)
  const gate = admission({
    most: options.maxConcurrent,
    longestMs: options.longestMs,
    now: () => performance.now(),
    metrics,
  })
  const pipeline: Pipeline = {
    ports,
    options,
    readModel,
    scratch: requestScratch(),
    tastes: tasteCache({
      capacity: options.freshOnly ? 0 : options.cachedVectors,
      items: readModel.items,
      settings: options.settings,
      solver,
      metrics,
    }),
    search: measuredSearch({ every: options.recallEvery, metrics, later: setImmediate, report }),
    recorder,
    stages: stages(metrics, () => performance.now()),
  }
  const stopping = new AbortController()
  const upkeep = keepUp({
    ...ports,
    served: () => readModel.served(),
    others: () => readModel.embeddings.indexes(),
    signal: stopping.signal,
  })
  const recommender: Recommender = {
    recommend: (request) => gate.admit(() => recommend(request, pipeline)),
    similar: (asked) => similarItems(asked, pipeline),
    trending: (asked) => trendingItems(asked, pipeline),
  }

  return {
    ...recommender,
    async routes(app) {
      await app.register(recommendationRoutes(recommender))
      await app.register(catalogueRoutes(readModel.items, ports.features))
      await app.register(rowRoutes(ports.features))
    },
    ready() {
      const reasons = readModel.reasons()
      return { ready: reasons.length === 0, reasons }
    },
    caughtUp: () => readModel.caughtUp(),
    async stop() {
      stopping.abort()
      await recorder.stop()
      await readModel.stop()
      await upkeep
    },
    ended: readModel.ended,
  }
}
