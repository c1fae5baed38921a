import { hnswVectorIndex } from '#infra/hnsw/vector-index.ts'
import type { OpenRankingView } from '#schemas/ports/ranking-view.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { rankingViews } from '#serving/recommend/ranking-view.ts'
import { workerEntry } from './workers/entry.ts'

/** Serving as of the past, over exact search: no graph is built for a view that is used once. */
export function rankingViewOf(settings: FoldSettings, solver: Solver): OpenRankingView {
  const createIndex = hnswVectorIndex({
    worker: workerEntry('index-builder'),
    graphFrom: Infinity,
    scanTopK: solver.scanTopK,
    found: { type: 'missing', reason: 'not wanted' },
  })
  return rankingViews({ settings, solver, createIndex })
}
