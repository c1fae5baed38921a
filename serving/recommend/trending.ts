import { randomUUID } from 'node:crypto'
import type { RecommendationAnswer } from '#schemas/api/recommendations.ts'
import type { Pipeline } from './pipeline.ts'
import { trendingList } from './plain-list.ts'

/** What trends, overall or in a category; what no window holds is filled up by all-time popularity, marked in `source`. */
export function trendingItems(
  { limit, category }: { readonly limit: number; readonly category: string | undefined },
  { options, readModel }: Pipeline,
): RecommendationAnswer {
  const { items } = readModel
  const model = readModel.served()
  const within = category === undefined ? undefined : [...items.members(category)]
  const listed = trendingList({ items, isBlocked: () => false, category, within, limit, firstSlot: 0 })
  return {
    items: listed.map(({ item }) => item),
    requestId: randomUUID(),
    modelVersion: model?.version ?? null,
    generation: model?.generation ?? null,
    variant: options.variant,
    degraded: [],
    nextCursor: null,
  }
}
