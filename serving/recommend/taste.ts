import { dot } from '#schemas/math/vector.ts'
import { foldInUser, type FoldedUser } from '#schemas/models/fold-in.ts'
import { netPreferences, shapedPreferences, type TimedInteraction } from '#schemas/models/preference.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import type { Items } from '../read-model/items.ts'
import type { ServedModel } from '../read-model/served-model.ts'
import type { LikedSlots } from '../read-model/slot-neighbours.ts'

/** What a history says of its user under a model. */
export interface Taste {
  /** Undefined without a model, and while no item of the history has a vector. */
  readonly folded: FoldedUser | undefined
  /** The items that counted in `folded`, in its order. */
  readonly liked: LikedSlots
  /** Slots of every item of the history: what has been consumed. */
  readonly consumed: readonly number[]
  /** Slots of the last liked items, the latest first. */
  readonly recent: readonly number[]
  /** Share of the positive weight in each category, the largest first. */
  readonly affinities: ReadonlyMap<string, number>
}

const recentKept = 10
const nothing: LikedSlots = { slots: new Uint32Array(0), likes: new Float32Array(0) }

/** What is expected of a user without a history: a vector, and the interests they declared. Nothing of it was consumed. */
export function expectedTaste(vector: Float32Array, interests: readonly string[]): Taste {
  const k = vector.length
  const none = new Float32Array(0)
  const folded: FoldedUser = {
    vector,
    itemIds: [],
    scores: (queries) => Float32Array.from({ length: queries.length / k }, (_, i) => dot(vector, 0, queries, i * k, k)),
    contributions: () => none,
    confidence: () => 0,
    explained: unexplained(k),
  }
  const affinities = new Map(interests.map((interest) => [interest, 1 / interests.length]))
  return { folded, liked: nothing, consumed: [], recent: [], affinities }
}

export function tasteOf(options: {
  readonly history: readonly TimedInteraction[]
  /**
   * Whether the taste outlives the request: then an item that nobody knows gets a slot, so that it stays blocked once it is
   * known. Else it gets none: requests may name any number of them.
   */
  readonly isKept: boolean
  readonly model: ServedModel | undefined
  readonly items: Items
  readonly settings: FoldSettings
  readonly solver: Pick<Solver, 'foldIn'>
  /** The user's vector under a model trained elsewhere, in the place of the fold-in's. */
  readonly encoded?: Float32Array | undefined
}): Taste {
  const { history, isKept, model, items, settings, solver, encoded } = options
  const preferences = netPreferences(history, settings)
  const consumed = new Set<number>()
  const recent = new Set<number>()
  for (let i = history.length - 1; i >= 0; i--) {
    const { itemId } = history[i]!
    const slot = isKept ? items.obtain(itemId).slot : items.slots.find(itemId)
    if (slot === undefined) continue
    consumed.add(slot)
    if (recent.size < recentKept && (preferences.get(itemId) ?? 0) > 0) recent.add(slot)
  }
  const folded =
    model === undefined ? undefined : foldIn(model, items, shapedPreferences(history, settings, model.model), solver)
  return {
    folded:
      folded === undefined || encoded === undefined
        ? folded
        : { ...folded, vector: encoded, explained: unexplained(encoded.length) },
    liked:
      folded === undefined || model?.neighbours === undefined
        ? nothing
        : likedSlots(
            folded.itemIds,
            shapedPreferences(history, settings, { ...model.model, weightExponent: 0 }),
            items,
          ),
    consumed: [...consumed],
    recent: [...recent],
    affinities: affinitiesOf(preferences, items),
  }
}

/** What another model made of a history does not fall apart into what each past item contributed. */
function unexplained(k: number): FoldedUser['explained'] {
  return (queries) =>
    Array.from({ length: queries.length / k }, () => ({ contributions: new Float32Array(0), confidence: 0 }))
}

function foldIn(
  { model, vectors }: ServedModel,
  items: Items,
  preferences: ReadonlyMap<string, number>,
  solver: Pick<Solver, 'foldIn'>,
): FoldedUser | undefined {
  const folded = foldInUser({
    solver,
    model,
    preferences,
    vectorOf(itemId) {
      const slot = items.slots.find(itemId)
      return slot === undefined ? undefined : vectors.get(slot)
    },
  })
  return folded.itemIds.length === 0 ? undefined : folded
}

/** With every liking as strong as any other, only older or newer. */
function likedSlots(itemIds: readonly string[], likes: ReadonlyMap<string, number>, items: Items): LikedSlots {
  return {
    slots: Uint32Array.from(itemIds, (itemId) => items.slots.find(itemId)!),
    likes: Float32Array.from(itemIds, (itemId) => likes.get(itemId)!),
  }
}

function affinitiesOf(preferences: ReadonlyMap<string, number>, items: Items): ReadonlyMap<string, number> {
  const sums = new Map<number, number>()
  let total = 0
  for (const [itemId, weight] of preferences) {
    const slot = weight > 0 ? items.slots.find(itemId) : undefined
    const categories = slot === undefined ? [] : items.categoryIdsOf(slot)
    for (const category of categories) sums.set(category, (sums.get(category) ?? 0) + weight / categories.length)
    if (categories.length > 0) total += weight
  }
  const shares = Array.from(sums, ([id, sum]): [string, number] => [items.categoryNames[id]!, sum / total])
  return new Map(shares.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)))
}
