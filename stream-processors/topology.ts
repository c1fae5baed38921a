import type { FoldSettings } from '#schemas/settings.ts'
import { itemsProcessor, profilesProcessor } from './processors/catalogue.ts'
import { interactionsProcessor } from './processors/interactions.ts'

/**
 * Who listens to what, and what follows from it. Rows are named in the order in which they are read; they are written
 * against it, so the first row of a line proves all others.
 *
 *   interactions → user heads, chunks, ids, item statistics → user-notices, item-notices
 *   items        → catalogue rows                           → item-notices
 *   profiles     → profile rows                             → user-notices
 *   item-notices → streaming vectors of new items           → item-vectors   (a cache, by `itemVectors`)
 *   impressions, interactions → learned rankers             → learned-rankers (a cache, by `startRankerLearner`)
 *   interactions, user-notices, item-notices                → tables for people (copies, by `startReadableTables`)
 */
export function topology(settings: FoldSettings) {
  return {
    interactions: interactionsProcessor(settings),
    items: itemsProcessor(),
    profiles: profilesProcessor(),
  } as const
}

export type Topology = ReturnType<typeof topology>
