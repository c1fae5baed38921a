import { randomUUID } from 'node:crypto'
import type { RecommendationAnswer } from '#schemas/api/recommendations.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { KnownItem } from '../read-model/items.ts'
import type { ReadModel } from '../read-model/read-model.ts'
import type { ServedModel } from '../read-model/served-model.ts'
import { coViewStrength } from './candidates.ts'
import { titleOf } from './explain.ts'
import { featuresOf, type Listed } from './listed.ts'
import type { Pipeline } from './pipeline.ts'

const weights = { coView: 0.4, factor: 0.4, content: 0.2, embedding: 0.2 }
const byFactors = 100

/**
 * What is consumed together with an item, liked by the same people, or described alike:
 *
 *     score = 0.4 coView + 0.4 cos(y, y') + 0.2 content + 0.2 embedding
 *
 * `embedding` is the cosine of the items' own vectors, 0 where they brought none. Confidence is n / (n + 10) for n positive interactions with the rarer item of both. Throws `not-found` for an item
 * that nothing is known of, and for a deleted one.
 */
export function similarItems(
  {
    itemId,
    limit,
    category,
  }: { readonly itemId: string; readonly limit: number; readonly category: string | undefined },
  { options, readModel, search }: Pipeline,
): RecommendationAnswer {
  const { items, embeddings } = readModel
  const model = readModel.served()
  const item = items.find(itemId)
  if (item === undefined || item.deleted || !isKnown(item, model)) {
    throw new MillraceError('not-found', `Item ${itemId} is not known`, { facts: { field: 'id' } })
  }
  const near = new Set<number>(items.content.neighbours(item.slot).map((other) => other.slot))
  for (const other of embeddings.neighbours(item.slot)) near.add(other.slot)
  for (const other of items.coViews.of(item.slot)) near.add(other.slot)
  const vector = model?.vectors.get(item.slot)
  if (model !== undefined && vector !== undefined) {
    for (const slot of search.search(model.index, vector, byFactors).slots) near.add(slot)
  }
  near.delete(item.slot)
  const listed: Listed[] = []
  for (const slot of near) {
    const isAsked = category === undefined || items.members(category).has(slot)
    if (isAsked && items.isServable(slot)) listed.push(likeness(item, items.at(slot), readModel))
  }
  listed.sort((a, b) => b.item.score - a.item.score || (a.item.itemId < b.item.itemId ? -1 : 1))
  return {
    items: listed.slice(0, limit).map((entry, position) => ({ ...entry.item, position })),
    requestId: randomUUID(),
    modelVersion: model?.version ?? null,
    generation: model?.generation ?? null,
    variant: options.variant,
    degraded: vector === undefined ? ['affinities'] : [],
    nextCursor: null,
  }
}

function isKnown(item: KnownItem, model: ServedModel | undefined): boolean {
  return item.entry !== undefined || item.statistics !== undefined || (model?.trainedOn(item.slot) ?? 0) > 0
}

function likeness(item: KnownItem, other: KnownItem, readModel: ReadModel): Listed {
  const { items, embeddings } = readModel
  const count = items.coViews.of(item.slot).find((coView) => coView.slot === other.slot)?.count ?? 0
  const total = item.statistics?.total ?? 0
  const otherTotal = other.statistics?.total ?? 0
  const parts = {
    coView: weights.coView * coViewStrength(count, total, otherTotal),
    factor: weights.factor * (readModel.served()?.vectors.cosine(item.slot, other.slot) ?? 0),
    content: weights.content * items.content.similarity(item.slot, other.slot),
    embedding: weights.embedding * embeddings.similarity(item.slot, other.slot),
  }
  const source = sourceOf(parts)
  const known = Math.min(total, otherTotal)
  return {
    item: {
      itemId: other.itemId,
      score: parts.coView + parts.factor + parts.content + parts.embedding,
      confidence: known / (known + 10),
      explanation: explained(source, titleOf(items, item.itemId)),
      because: [],
      features: featuresOf(parts),
      source,
      position: 0,
    },
    propensity: null,
  }
}

type Source = 'co-views' | 'factors' | 'content' | 'embedding'

/** The largest addend; of equal ones the first. */
function sourceOf(parts: Readonly<Record<'coView' | 'factor' | 'content' | 'embedding', number>>): Source {
  const sizes: readonly [Source, number][] = [
    ['co-views', parts.coView],
    ['factors', parts.factor],
    ['content', parts.content],
    ['embedding', parts.embedding],
  ]
  return sizes.reduce((largest, size) => (size[1] > largest[1] ? size : largest))[0]
}

function explained(source: Source, title: string): string {
  switch (source) {
    case 'co-views':
      return `Often chosen together with ${title}`
    case 'factors':
      return `Liked by the same people as ${title}`
    case 'content':
      return `Described much like ${title}`
    case 'embedding':
      return `Much like ${title}`
  }
}
