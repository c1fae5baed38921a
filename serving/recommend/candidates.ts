import { topK } from '#schemas/math/top-k.ts'
import type { Embeddings } from '../read-model/embeddings.ts'
import { placeStrength } from '#schemas/models/ranker.ts'
import type { Items } from '../read-model/items.ts'
import type { ServedModel } from '../read-model/served-model.ts'
import type { Neighbours } from '#schemas/ports/vector-index.ts'
import type { Scratch } from './scratch.ts'
import type { Taste } from './taste.ts'

export interface CandidateSources {
  readonly taste: Taste
  readonly model: ServedModel | undefined
  readonly items: Items
  readonly embeddings: Pick<Embeddings, 'neighbours'>
  /** The only slots that may be served, where a category or an allow-list was asked for. */
  readonly within: readonly number[] | undefined
  readonly search: (model: ServedModel, query: Float32Array, k: number) => Neighbours
  readonly now: number
}

/** Candidates by their factors, and by what likes of single items say. */
const byFactors = 200
const byNeighbours = 100
const trendingOverall = 50
const trendingOfCategory = 20
const categoriesTaken = 3
const newItems = 20
/** An item outside the model is new for two weeks. */
const newForMs = 14 * 86_400_000
const neighboursOf = 5
const neighboursTaken = 10
const coViewsTaken = 20

/**
 * Gathers candidates with what each source knows of them: the user's vector through the index, the neighbours of what the
 * user liked, what was consumed together with or resembles the recent items, what trends overall and in the user's categories, what is new. Blocked
 * slots are not gathered.
 */
export function gatherCandidates(scratch: Scratch, sources: CandidateSources): void {
  addByFactors(scratch, sources)
  addByNeighbours(scratch, sources)
  addAroundRecent(scratch, sources)
  addTrending(scratch, sources)
  addNew(scratch, sources)
  noteNeighbours(scratch, sources)
}

function addByFactors(scratch: Scratch, { taste, model, within, search }: CandidateSources): void {
  const query = taste.folded?.vector
  if (model === undefined || query === undefined) return
  if (within !== undefined) {
    addBestWithin(scratch, model, query, within)
    return
  }
  const found = search(model, query, byFactors + scratch.blocked())
  for (let i = 0; i < found.slots.length && scratch.candidates.count < byFactors; i++) {
    const slot = found.slots[i]!
    if (scratch.isBlocked(slot)) continue
    const row = scratch.candidates.add(slot)
    // Places among equals say nothing, and those of users who like nothing yet are all equal.
    if (found.scores[i]! > 0) scratch.candidates.factorPlaces[row] = placeStrength(row)
  }
}

function addByNeighbours(scratch: Scratch, { taste, model }: CandidateSources): void {
  const neighbours = model?.neighbours
  if (neighbours === undefined) return
  neighbours.sum(taste.liked)
  const met = neighbours.met()
  const scores = Float32Array.from(met, (slot) => (scratch.isBlocked(slot) ? NaN : neighbours.of(slot)))
  for (const at of topK(scores, scores.length, byNeighbours)) if (scores[at]! > 0) scratch.candidates.add(met[at]!)
}

/** Of every candidate, whichever source brought it. */
function noteNeighbours({ candidates }: Scratch, { model }: CandidateSources): void {
  const neighbours = model?.neighbours
  if (neighbours === undefined) return
  for (let row = 0; row < candidates.count; row++) candidates.neighbours[row] = neighbours.of(candidates.slots[row]!)
}

/** A filtered list is scored exactly over what the filter leaves: no index finds k of a small category. */
function addBestWithin(
  scratch: Scratch,
  { vectors }: ServedModel,
  query: Float32Array,
  within: readonly number[],
): void {
  const open = within.filter((slot) => !scratch.isBlocked(slot))
  const scores = Float32Array.from(open, (slot) => (vectors.has(slot) ? vectors.product(query, slot) : NaN))
  for (const at of topK(scores, open.length, byFactors)) scratch.candidates.add(open[at]!)
}

function addAroundRecent(scratch: Scratch, { taste, items, embeddings }: CandidateSources): void {
  const { candidates } = scratch
  taste.recent.forEach((recent, rank) => {
    const fading = 1 / (1 + rank)
    const coViews = items.coViews.of(recent)
    const total = items.total(recent)
    for (let i = 0; i < coViews.length && i < coViewsTaken; i++) {
      const { slot, count } = coViews[i]!
      if (scratch.isBlocked(slot)) continue
      const together = coViewStrength(count, total, items.total(slot))
      const row = candidates.add(slot)
      candidates.coViews[row] = Math.min(1, candidates.coViews[row]! + together * fading)
    }
    if (rank >= neighboursOf) return
    const described = items.content.neighbours(recent).slice(0, neighboursTaken)
    const byOwnVectors = embeddings.neighbours(recent).slice(0, neighboursTaken)
    for (const { slot, similarity } of [...described, ...byOwnVectors]) {
      if (scratch.isBlocked(slot)) continue
      const row = candidates.add(slot)
      candidates.contents[row] = Math.max(candidates.contents[row]!, similarity * fading)
    }
  })
}

/** Co-views beside what both items' popularity would allow at most, in [0, 1]. */
export function coViewStrength(count: number, total: number, otherTotal: number): number {
  const most = Math.sqrt(total * otherTotal)
  return most > 0 ? Math.min(1, count / most) : 0
}

function addTrending(scratch: Scratch, { taste, items, within }: CandidateSources): void {
  if (within !== undefined) {
    const byCount = within.filter((slot) => !scratch.isBlocked(slot))
    byCount.sort((a, b) => items.trending.popularity(b) - items.trending.popularity(a) || a - b)
    for (const slot of byCount.slice(0, byFactors)) scratch.candidates.add(slot)
    return
  }
  addTrendingOverall(scratch, items, taste.folded === undefined ? byFactors : trendingOverall)
  let taken = 0
  for (const category of taste.affinities.keys()) {
    if (taken++ === categoriesTaken) return
    addFirst(scratch, items.trending.list(category), trendingOfCategory)
  }
}

function addTrendingOverall(scratch: Scratch, items: Items, most: number): void {
  let place = 0
  for (const { slot } of items.trending.list(undefined)) {
    if (place === most) return
    if (scratch.isBlocked(slot)) continue
    const row = scratch.candidates.add(slot)
    scratch.candidates.trendingPlaces[row] = placeStrength(place++)
  }
}

function addFirst(scratch: Scratch, trends: readonly { readonly slot: number }[], most: number): void {
  let added = 0
  for (const { slot } of trends) {
    if (added === most) return
    if (scratch.isBlocked(slot)) continue
    scratch.candidates.add(slot)
    added++
  }
}

function addNew(scratch: Scratch, { model, items, now }: CandidateSources): void {
  let added = 0
  for (const slot of items.newest()) {
    if (added === newItems || items.at(slot).entry!.firstSeenAt < now - newForMs) return
    if (scratch.isBlocked(slot) || (model?.trainedOn(slot) ?? 0) > 0) continue
    const row = scratch.candidates.add(slot)
    scratch.candidates.isNew[row] = 1
    added++
  }
}
