import { withContent } from '#batch/content.ts'
import { trainModel } from '#batch/train.ts'
import { trainingSet, userPreferences, type TrainingSet } from '#batch/training-set.ts'
import type { Item } from '#schemas/events/catalogue.ts'
import { hash53 } from '#schemas/math/hash.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { multiplyRows } from '#schemas/math/vector.ts'
import { contentDimension, contentFeatures, contentVector, plainContent } from '#schemas/models/content-features.ts'
import { foldInUser } from '#schemas/models/fold-in.ts'
import type { Model } from '#schemas/models/model.ts'
import { factorSettings } from '#schemas/models/training-settings.ts'
import type { FittedContent } from '#schemas/ports/model-registry.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import { foldInItem } from '#stream-processors/processors/streaming-vector.ts'
import type { RatedData } from '../quality/rated-data.ts'
import { judgedBy, spread, type Judge, type Judged } from './judged.ts'

export interface NewItemsOptions {
  readonly data: RatedData
  readonly described: ReadonlyMap<string, Item>
  readonly solver: Solver
  readonly seed: number
}

export interface NewItems {
  readonly judged: readonly Judged[]
  readonly fitted: FittedContent
  /** Of choosing settings and fitting. */
  readonly fitSeconds: number
}

const withheldOutOf = 5
const mostUsers = 3_000
/** After how many users of its own an item is judged again. */
const metBy = [1, 3, 10, 30]

interface ColdUser extends Judge {
  readonly vector: Float64Array
  /** Row in the training set. */
  readonly row: number
  /** Net weights by place of all withheld items that the user met. */
  readonly met: ReadonlyMap<number, number>
}

/**
 * A fifth of the items is withheld with all that was done with them; users are folded in from the rest and rank the
 * withheld ones only. Everything is learnt from the rest, the choice of settings included.
 */
export async function newItems(options: NewItemsOptions): Promise<NewItems> {
  const { data, described, solver, seed } = options
  const { histories, foldSettings } = data
  const isWithheld = histories.itemIds.map((id) => described.has(id) && hash53(`new ${id}`, seed) % withheldOutOf === 0)
  const settings = { ...factorSettings, iterations: 10, halfLifeDays: data.protocol === 'time-split' ? 30 : 0 }
  const keep = (entry: number) => !isWithheld[histories.items[entry]!]
  const set = trainingSet(histories, foldSettings, { keep, shape: settings })
  const clock = { now: () => performance.now() }
  const trained = await trainModel({ solver, clock, set, settings, version: 'cold' })
  const began = performance.now()
  const { model, fitted } = await withContent({ solver, model: trained.model, set, catalogue: described, seed })
  const fitSeconds = (performance.now() - began) / 1000

  const itemIds = histories.itemIds.filter((_, item) => isWithheld[item])
  const items = itemIds.map((itemId) => described.get(itemId)!)
  const users = coldUsers(options, { model, set, isWithheld, itemIds })
  const question = `${data.name}: ${itemIds.length.toLocaleString('en')} new items, ${users.length.toLocaleString('en')} users`
  const judge = (rankedBy: string, score: (user: ColdUser, index: number) => Float32Array) =>
    judgedBy({ question, rankedBy, judges: users, score, seed })
  const { k } = model
  const content = Float32Array.from(items.flatMap((item) => [...contentVector(model, item)]))
  const judged = [
    judge('random', (_, index) => {
      const random = seededRandom(hash53(`user ${index}`, seed))
      return Float32Array.from(items, () => random())
    }),
    ...(['sum', 'mean'] as const).map((how) => {
      const scores = categoryPopularity(set, described, items, how)
      return judge(`popularity of its categories, ${how}`, () => scores)
    }),
    judge('likeness of terms to what was liked', likenessScorer(set, described, items)),
    judge('ours: content vector', ({ vector }) => products(content, vector, items.length)),
  ]
  for (const n of metBy)
    judged.push(...afterMeeting({ ...options, model, users, content, n, question, count: items.length, k }))
  return { judged, fitted, fitSeconds }
}

function coldUsers(
  { data, solver, seed }: NewItemsOptions,
  made: {
    readonly model: Model
    readonly set: TrainingSet
    readonly isWithheld: readonly boolean[]
    readonly itemIds: readonly string[]
  },
): readonly ColdUser[] {
  const { histories, foldSettings } = data
  const { model, set, isWithheld, itemIds } = made
  const places = new Map(itemIds.map((itemId, place) => [itemId, place]))
  const keep = (entry: number) => isWithheld[histories.items[entry]!] === true
  const known = userPreferences(histories, foldSettings, { keep }).filter(({ user, weights }) => {
    return set.rowOfUser[user]! !== -1 && weights.some((weight) => weight > 0)
  })
  return spread(shuffled(known, seed), mostUsers).map(({ user, items, weights }) => {
    const row = set.rowOfUser[user]!
    const met = new Map(Array.from(items, (item, i) => [places.get(histories.itemIds[item]!)!, weights[i]!]))
    const relevant = Uint32Array.from([...met].filter(([, weight]) => weight > 0).map(([place]) => place))
    return { row, met, relevant, vector: Float64Array.from(userVector(solver, model, set, row)) }
  })
}

function userVector(solver: Solver, model: Model, { byUser }: TrainingSet, row: number): Float32Array {
  const { k, itemFactors } = model
  const preferences = new Map<string, number>()
  for (let at = byUser.starts[row]!; at < byUser.starts[row + 1]!; at++) {
    preferences.set(String(byUser.indices[at]), byUser.values[at]!)
  }
  const vectorOf = (column: string) => itemFactors.subarray(Number(column) * k, (Number(column) + 1) * k)
  return foldInUser({ solver, model, preferences, vectorOf }).vector
}

/** Interactions with the items of each category of the item, added up or on average of an item and a category. */
function categoryPopularity(
  { itemIds, byItem }: TrainingSet,
  described: ReadonlyMap<string, Item>,
  items: readonly Item[],
  how: 'sum' | 'mean',
): Float32Array {
  const sums = new Map<string, { interactions: number; items: number }>()
  for (const [row, itemId] of itemIds.entries()) {
    const item = described.get(itemId)
    for (const category of item === undefined ? [] : categoriesOf(item)) {
      const known = sums.get(category) ?? { interactions: 0, items: 0 }
      known.interactions += byItem.starts[row + 1]! - byItem.starts[row]!
      known.items++
      sums.set(category, known)
    }
  }
  return Float32Array.from(items, (item) => {
    const found = categoriesOf(item).flatMap((category) => sums.get(category) ?? [])
    const total = found.reduce((sum, one) => sum + one.interactions / (how === 'mean' ? one.items : 1), 0)
    return how === 'mean' ? total / Math.max(1, found.length) : total
  })
}

/** Books have no categories but shelves, which are their tags. */
function categoriesOf({ categories, tags }: Item): readonly string[] {
  return categories.length > 0 ? categories : tags
}

/** Cosine of the terms of an item and the sum of those that the user liked: what content says without factors. */
function likenessScorer(
  { itemIds, byUser }: TrainingSet,
  described: ReadonlyMap<string, Item>,
  items: readonly Item[],
): (user: ColdUser) => Float32Array {
  const known = itemIds
    .map((itemId) => described.get(itemId))
    .map((item) => item && contentFeatures(item, plainContent))
  const features = items.map((item) => contentFeatures(item, plainContent))
  return ({ row }) => {
    const profile = new Float64Array(contentDimension)
    for (let at = byUser.starts[row]!; at < byUser.starts[row + 1]!; at++) {
      const one = known[byUser.indices[at]!]
      if (one === undefined || byUser.values[at]! <= 0) continue
      for (const [i, index] of one.indices.entries()) profile[index]! += one.values[i]!
    }
    return Float32Array.from(features, ({ indices, values }) =>
      indices.reduce((sum, index, i) => sum + profile[index]! * values[i]!, 0),
    )
  }
}

/** The same lists after each item met n of its users at most: what those did is no longer asked for. */
function afterMeeting(
  options: NewItemsOptions & {
    readonly model: Model
    readonly users: readonly ColdUser[]
    readonly content: Float32Array
    readonly n: number
    readonly question: string
    readonly count: number
    readonly k: number
  },
): Judged[] {
  const { model, users, content, n, question, count, k, seed } = options
  const metUsers: ColdUser[][] = Array.from({ length: count }, () => [])
  for (const user of shuffled(users, seed)) for (const place of user.met.keys()) metUsers[place]!.push(user)
  // At most half of an item's users are told, so that others are left to judge by.
  const told = metUsers.map((all) => all.slice(0, Math.min(n, Math.floor(all.length / 2))))
  const skips = new Map<ColdUser, Set<number>>()
  for (const [place, ofItem] of told.entries()) {
    for (const user of ofItem) skips.set(user, (skips.get(user) ?? new Set()).add(place))
  }
  const judges = users
    .map((user) => ({
      ...user,
      skip: skips.get(user) ?? [],
      relevant: user.relevant.filter((place) => !skips.get(user)?.has(place)),
    }))
    .filter(({ relevant }) => relevant.length > 0)
  const vectors = (prior: (place: number) => Float32Array | undefined): Float32Array => {
    const all = content.slice()
    for (const [place, ofItem] of told.entries()) {
      if (ofItem.length === 0) continue
      const known = ofItem.map((user, i): [string, { vector: Float32Array; weight: number }] => [
        String(i),
        { vector: Float32Array.from(user.vector), weight: user.met.get(place)! },
      ])
      all.set(foldInItem(model, new Map(known), prior(place)), place * k)
    }
    return all
  }
  const contentOf = (place: number) => content.subarray(place * k, (place + 1) * k)
  const ways: [string, Float32Array][] = [
    ['content vector alone', content],
    ['users alone', vectors(() => undefined)],
    ['ours: users, held by content', vectors(contentOf)],
  ]
  return ways.map(([rankedBy, all]) => {
    const score = ({ vector }: { readonly vector: Float64Array }) => products(all, vector, count)
    return judgedBy({ question: `${question}, after ${n} of its users`, rankedBy, judges, score, seed })
  })
}

function products(vectors: Float32Array, query: Float64Array, count: number): Float32Array {
  const scores = new Float32Array(count)
  multiplyRows(scores, vectors, 0, count, query)
  return scores
}

function shuffled<T>(all: readonly T[], seed: number): T[] {
  const random = seededRandom(seed)
  return all
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)
}
