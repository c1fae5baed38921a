import type { ServingOptions } from '../options.ts'
import type { Embeddings } from '../read-model/embeddings.ts'
import type { Items } from '../read-model/items.ts'
import type { ServedModel } from '../read-model/served-model.ts'
import { coViewStrength } from './candidates.ts'
import { becauseOf, largestContributions } from './explain.ts'
import { featuresOf, type Listed } from './listed.ts'
import { bestCandidates, likenesses, type Scored } from './pool.ts'
import type { RecentItem } from './request.ts'
import { drawSlate, type Pick } from './rerank.ts'
import type { Candidates } from './scratch.ts'
import type { ScoreParts } from './score.ts'
import type { Taste } from './taste.ts'

export interface PersonalList {
  readonly candidates: Candidates
  /** Rows that may be served. */
  readonly rows: readonly number[]
  readonly taste: Taste
  readonly history: readonly RecentItem[]
  readonly model: ServedModel | undefined
  readonly items: Items
  readonly embeddings: { similarity: Embeddings['similarity'] }
  readonly options: ServingOptions
  readonly limit: number
  readonly firstSlot: number
  readonly seed: number
  /** False under a category filter, where a cap on it would make no sense. */
  readonly isCapped: boolean
}

/** Candidates beyond the best of these, or of thrice the limit up to 200, are not drawn. */
const pooled = { least: 50, most: 200 }

/** Scores the candidates of a user with a history, draws the list, and explains what was drawn. */
export function personalList(list: PersonalList): Listed[] {
  const { items, model, options, limit, firstSlot, seed } = list
  const most = Math.min(pooled.most, Math.max(pooled.least, 3 * limit))
  const pool = bestCandidates({ ...list, weights: options.weights }, list.rows, most)
  if (pool.length === 0) return []
  const scale = Math.abs(pool[0]!.score) || 1
  const picks = drawSlate(
    Float64Array.from(pool, (scored) => scored.score),
    {
      limit,
      firstSlot,
      seed,
      temperature: options.exploration * scale,
      diversity: options.diversity * scale,
      likeness: likenesses(
        items,
        model?.vectors,
        pool.map(({ slot }) => slot),
      ),
      ...(options.maxPerCategory > 0 && list.isCapped
        ? { mayFollow: (candidate, drawn) => isUnderCap(items, pool, candidate, drawn, options.maxPerCategory) }
        : {}),
    },
  )
  return picks.map((pick, position) => listed(list, pool[pick.candidate]!, pick, position))
}

function isUnderCap(
  items: Items,
  pool: readonly Scored[],
  candidate: number,
  drawn: readonly Pick[],
  most: number,
): boolean {
  const categoriesOf = (at: number) => items.categoriesOf(pool[at]!.slot)
  return categoriesOf(candidate).every(
    (category) => drawn.filter((pick) => categoriesOf(pick.candidate).includes(category)).length < most,
  )
}

function listed(list: PersonalList, { slot, parts, score }: Scored, pick: Pick, position: number): Listed {
  const { taste, model, items } = list
  const { folded } = taste
  const vector = model?.vectors.get(slot)
  const explained = vector === undefined ? undefined : folded?.explained(vector)
  const because =
    folded === undefined || explained === undefined ? [] : largestContributions(folded, explained.contributions)
  const source = sourceOf(parts, list.history)
  const anchor =
    source === 'factors' ? because.find((past) => past.contribution > 0)?.itemId : anchorOf(list, slot, source)
  const item = {
    itemId: items.slots.idOf(slot),
    score: score - pick.penalty,
    confidence: explained?.confidence ?? 0,
    explanation:
      anchor === undefined
        ? explainWithout(list, slot, source)
        : becauseOf(anchor, list.history, items, list.options.settings),
    because,
    features: featuresOf({ ...parts, diversity: -pick.penalty }),
    source,
    position,
  }
  return { item, propensity: pick.propensity }
}

type Source = 'factors' | 'profile' | 'co-views' | 'content' | 'trending' | 'affinity' | 'new'

/** The largest addend of the score. Without a history the factors are those to expect of such a user. */
function sourceOf(parts: ScoreParts, history: readonly RecentItem[]): Source {
  const sizes: readonly [Source, number][] = [
    [history.length === 0 ? 'profile' : 'factors', parts.factorScore],
    ['co-views', parts.coView],
    ['content', parts.content],
    ['trending', parts.trending],
    ['affinity', parts.affinity],
    ['new', parts.new],
  ]
  return sizes.reduce((largest, size) => (size[1] > largest[1] ? size : largest))[0]
}

/** The recent item that speaks most for this one, where one does. */
function anchorOf({ taste, items, embeddings }: PersonalList, slot: number, source: Source): string | undefined {
  if (source !== 'co-views' && source !== 'content') return undefined
  let best: { slot: number; strength: number } | undefined
  taste.recent.forEach((recent, rank) => {
    const coViews = items.coViews.of(recent)
    const count = coViews.find((other) => other.slot === slot)?.count ?? 0
    const strength =
      source === 'content'
        ? Math.max(items.content.similarity(recent, slot), embeddings.similarity(recent, slot))
        : coViewStrength(count, items.total(recent), items.total(slot))
    const faded = strength / (1 + rank)
    if (faded > (best?.strength ?? 0)) best = { slot: recent, strength: faded }
  })
  return best === undefined ? undefined : items.slots.idOf(best.slot)
}

function explainWithout({ taste, items }: PersonalList, slot: number, source: Source): string {
  if (source === 'new') return 'New'
  if (source === 'profile') return 'Liked by people like you'
  const categories = items.categoriesOf(slot)
  let favourite: string | undefined
  for (const category of categories) {
    if ((taste.affinities.get(category) ?? 0) > (taste.affinities.get(favourite ?? '') ?? 0)) favourite = category
  }
  return favourite === undefined ? 'Trending now' : `Popular in ${favourite}`
}
