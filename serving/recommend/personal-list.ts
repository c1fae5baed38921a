import { columnOf, featureCount, knownShare, positionFeature, type RankerFeature } from '#schemas/models/ranker.ts'
import type { Explained } from '#schemas/ports/solver.ts'
import type { ServingOptions } from '../options.ts'
import type { Embeddings } from '../read-model/embeddings.ts'
import type { Items } from '../read-model/items.ts'
import type { ServedModel } from '../read-model/served-model.ts'
import { coViewStrength } from './candidates.ts'
import { becauseOf, largestContributions } from './explain.ts'
import { rowFeatures, type Listed } from './listed.ts'
import { bestCandidates, likenesses, type Pool } from './pool.ts'
import type { RecentItem } from './request.ts'
import { drawSlate, type Pick } from './rerank.ts'
import type { Candidates } from './scratch.ts'
import { userWeights } from './score.ts'
import type { Taste } from './taste.ts'

export interface PersonalList {
  readonly candidates: Candidates
  /** Rows that may be served. */
  readonly rows: readonly number[]
  readonly taste: Taste
  readonly history: readonly RecentItem[]
  readonly model: ServedModel | undefined
  /** Weights of the learned ranker; undefined where the fixed blend ranks. */
  readonly ranker: Float64Array | undefined
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
  const known = knownShare(list.history.length)
  const weights = userWeights(list.ranker, options.weights, known)
  const pool = bestCandidates({ ...list, weights }, list.rows, most)
  if (pool.slots.length === 0) return []
  const scale = Math.abs(pool.scores[0]!) || 1
  const picks = drawSlate(pool.scores, {
    limit,
    firstSlot,
    seed,
    temperature: options.exploration * scale,
    diversity: options.diversity * scale,
    likeness: likenesses(items, model?.vectors, pool.slots),
    ...(options.maxPerCategory > 0 && list.isCapped
      ? { mayFollow: (candidate, drawn) => isUnderCap(items, pool, candidate, drawn, options.maxPerCategory) }
      : {}),
  })
  const explained = explainedPicks(list, pool, picks)
  const ranked = { ...list, known, weights, pool }
  return picks.map((pick, position) => listed(ranked, pick, position, explained[position]))
}

/** What the likes of single items add, beside what explains the factor score: both by the history items of the fold-in. */
interface ExplainedPick extends Explained {
  readonly added: Float32Array
}

/** Empty where nothing was folded in. All at once: alone each would take twice the time. */
function explainedPicks({ taste, model }: PersonalList, pool: Pool, picks: readonly Pick[]): ExplainedPick[] {
  if (taste.folded === undefined || model === undefined) return []
  const { k } = model.vectors
  // An item without a vector is explained as one of zeros: by nothing.
  const queries = new Float32Array(picks.length * k)
  for (const [i, { candidate }] of picks.entries()) {
    const vector = model.vectors.get(pool.slots[candidate]!)
    if (vector !== undefined) queries.set(vector, i * k)
  }
  const slots = picks.map(({ candidate }) => pool.slots[candidate]!)
  const added = model.neighbours?.contributions(taste.liked, slots) ?? new Float32Array(0)
  const past = taste.liked.slots.length
  return taste.folded.explained(queries).map((one, i) => ({ ...one, added: added.subarray(i * past, (i + 1) * past) }))
}

function isUnderCap(items: Items, pool: Pool, candidate: number, drawn: readonly Pick[], most: number): boolean {
  const categoriesOf = (at: number) => items.categoriesOf(pool.slots[at]!)
  return categoriesOf(candidate).every(
    (category) => drawn.filter((pick) => categoriesOf(pick.candidate).includes(category)).length < most,
  )
}

interface Ranked extends PersonalList {
  readonly known: number
  readonly weights: Float64Array
  readonly pool: Pool
}

function listed(list: Ranked, pick: Pick, position: number, explained: ExplainedPick | undefined): Listed {
  const { taste, items, pool, weights, known } = list
  const slot = pool.slots[pick.candidate]!
  const from = pool.starts[pick.candidate]!
  const raw = pool.features.subarray(from, from + featureCount)
  const parts = raw.map((value, column) => weights[column]! * value)
  const because =
    taste.folded === undefined || explained === undefined
      ? []
      : largestContributions(taste.folded, contributionsOf(explained, weights))
  const source = sourceOf(parts, list.history)
  const anchor =
    source === 'factors' || source === 'neighbours'
      ? because.find((past) => past.contribution > 0)?.itemId
      : anchorOf(list, slot, source)
  const item = {
    itemId: items.slots.idOf(slot),
    score: pool.scores[pick.candidate]! - pick.penalty,
    confidence: explained?.confidence ?? 0,
    explanation:
      anchor === undefined
        ? explainWithout(list, slot, source)
        : becauseOf(anchor, list.history, items, list.options.settings),
    because,
    features: rowFeatures(withWholeModel(parts), { diversity: -pick.penalty }),
    source,
    position,
  }
  const seen = rowFeatures(raw, { known, position: positionFeature(list.firstSlot + position) })
  return { item, propensity: pick.propensity, seen }
}

/** Contributions to the factor score and to what neighbours say, as both count in the score. */
function contributionsOf({ contributions, added }: ExplainedPick, weights: Float64Array): Float64Array {
  const [byFactors, byNeighbours] = [weights[columnOf.factorScore]!, weights[columnOf.neighbours]!]
  return Float64Array.from(contributions, (value, past) => byFactors * value + byNeighbours * (added[past] ?? 0))
}

/** Both parts of the model as one addend, which the contributions of past items sum to. */
function withWholeModel(parts: Float64Array): Float64Array {
  const whole = parts.slice()
  whole[columnOf.factorScore]! += whole[columnOf.neighbours]!
  whole[columnOf.neighbours] = 0
  return whole
}

type Source = 'factors' | 'neighbours' | 'profile' | 'co-views' | 'content' | 'trending' | 'affinity' | 'new'

/** The source with the largest addends in the score. Without a history the factors are those to expect of such a user. */
function sourceOf(parts: Float64Array, history: readonly RecentItem[]): Source {
  const part = (name: RankerFeature) => parts[columnOf[name]]!
  const sizes: readonly [Source, number][] = [
    [history.length === 0 ? 'profile' : 'factors', part('factorScore') + part('factorPlace')],
    ['neighbours', part('neighbours')],
    ['co-views', part('coView') + part('coViewRoot')],
    ['content', part('content')],
    ['trending', part('trendingNow') + part('trending') + part('trendingPlace') + part('popularity')],
    ['affinity', part('affinity')],
    ['new', part('new')],
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
