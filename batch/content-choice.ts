import { setImmediate } from 'node:timers/promises'
import { hash53 } from '#schemas/math/hash.ts'
import { meanOf } from '#schemas/math/intervals.ts'
import { recallAt } from '#schemas/math/ranking-metrics.ts'
import { topK } from '#schemas/math/top-k.ts'
import { multiplyRows } from '#schemas/math/vector.ts'
import { contentVector } from '#schemas/models/content-features.ts'
import { foldInUser } from '#schemas/models/fold-in.ts'
import type { Model } from '#schemas/models/model.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import {
  contentProblem,
  describedItems,
  fitContent,
  type ContentProblem,
  type ContentSettings,
  type DescribedItems,
} from './content-fit.ts'
import { rowOf } from './evaluation-set.ts'
import type { TrainingSet } from './training-set.ts'

export interface ContentChoice {
  readonly solver: Pick<Solver, 'foldIn' | 'solveRidge'>
  readonly model: Model
  /** The set the model was fitted to. */
  readonly set: TrainingSet
  readonly described: DescribedItems
  readonly seed: number
}

/** What is taken where there is too little to choose by. */
export const defaultContentSettings: ContentSettings = { termExponent: 0, lambda: 10 }

const exponents = [0.5, 1]
const lambdas = [3, 30]
/** Every so many items are held out, at most so many; the regression learns of at most so many others. */
const sample = { heldOutOf: 10, heldOut: 2_000, learntOf: 20_000, users: 400 } as const
const least = { items: 100, users: 30 } as const
/** Lists of a tenth of the items held out, at most. */
const longestList = 50
const usersAtOnce = 16

/**
 * How far rare terms should count, and how smooth the regression should be: both by how well likes among a tenth of the
 * items are foretold by a regression on the others, for users folded in without them. First the exponent, then λ.
 */
export async function chooseContentSettings(choice: ContentChoice): Promise<ContentSettings> {
  const test = await cold(choice)
  if (test === undefined) return defaultContentSettings
  const scores = new Map<ContentSettings, number>()
  const best = (): ContentSettings =>
    [...scores].reduce((most, one) => (one[1] > most[1] ? one : most), [defaultContentSettings, -Infinity] as const)[0]
  const problems = new Map<number, ContentProblem>()
  const judge = async (settings: ContentSettings) => {
    const { termExponent, lambda } = settings
    const problem = problems.get(termExponent) ?? (await contentProblem(choice.model, test.learnt, termExponent))
    problems.set(termExponent, problem)
    scores.set(settings, await recallOf(choice, test, await fitContent(choice.solver, problem, lambda)))
  }
  await judge(defaultContentSettings)
  for (const termExponent of exponents) await judge({ ...defaultContentSettings, termExponent })
  const { termExponent } = best()
  for (const lambda of lambdas) await judge({ termExponent, lambda })
  return best()
}

interface ColdTest {
  readonly learnt: DescribedItems
  readonly heldOut: readonly number[]
  readonly users: readonly { readonly vector: Float32Array; readonly liked: ReadonlySet<number> }[]
}

/** Undefined where too few items or users could judge. */
async function cold({ solver, model, set, described, seed }: ContentChoice): Promise<ColdTest | undefined> {
  const { k, itemIds, itemFactors } = model
  const isHeldOut = (row: number) => hash53(itemIds[row]!, seed) % sample.heldOutOf === 0
  const heldOut = spread(described.rows.filter(isHeldOut), sample.heldOut)
  if (heldOut.length < least.items) return undefined
  const places = new Map(heldOut.map((row, place) => [itemIds[row]!, place]))
  const rows = new Map(itemIds.map((itemId, row) => [itemId, row]))
  const vectorOf = (itemId: string) => {
    const row = rows.get(itemId)!
    return itemFactors.subarray(row * k, (row + 1) * k)
  }
  const judges = await judgesOf(set, places)
  if (judges.length < least.users) return undefined
  const users: ColdTest['users'][number][] = []
  for (const user of spread(judges, sample.users)) {
    if (users.length % usersAtOnce === 0) await setImmediate()
    const { columns, weights } = rowOf(set, user)
    const known = Array.from(columns, (column, i): [string, number] => [set.itemIds[column]!, weights[i]!])
    const preferences = new Map(known.filter(([itemId]) => rows.has(itemId) && !isHeldOut(rows.get(itemId)!)))
    const { vector } = foldInUser({ solver, model, preferences, vectorOf })
    users.push({ vector, liked: likesOf(set, user, places) })
  }
  const others = spread(
    described.rows.filter((row) => !isHeldOut(row)),
    sample.learntOf,
  )
  return { learnt: await describedItems(others, described.itemOf, described.embedding), heldOut, users }
}

/** Users who like any of the places. */
async function judgesOf(set: TrainingSet, places: ReadonlyMap<string, number>): Promise<number[]> {
  const judges: number[] = []
  for (const user of set.userIds.keys()) {
    if (user % 1_000 === 0) await setImmediate()
    if (likesOf(set, user, places).size > 0) judges.push(user)
  }
  return judges
}

function likesOf(set: TrainingSet, user: number, places: ReadonlyMap<string, number>): Set<number> {
  const { columns, weights } = rowOf(set, user)
  const liked = Array.from(columns, (column, i) => (weights[i]! > 0 ? places.get(set.itemIds[column]!) : undefined))
  return new Set(liked.filter((place) => place !== undefined))
}

async function recallOf(
  { model: { k } }: ContentChoice,
  { learnt, heldOut, users }: ColdTest,
  content: Pick<Model, 'contentSpace' | 'content'>,
): Promise<number> {
  const fitted = { k, ...content }
  const vectors = new Float32Array(heldOut.length * k)
  for (const [place, row] of heldOut.entries()) {
    if (place % usersAtOnce === 0) await setImmediate()
    vectors.set(contentVector(fitted, learnt.itemOf(row)), place * k)
  }
  const scores = new Float32Array(heldOut.length)
  const length = Math.min(longestList, Math.floor(heldOut.length / 10))
  const recalls: number[] = []
  for (const { vector, liked } of users) {
    if (recalls.length % usersAtOnce === 0) await setImmediate()
    multiplyRows(scores, vectors, 0, heldOut.length, Float64Array.from(vector))
    recalls.push(recallAt(topK(scores, heldOut.length, length), liked, length))
  }
  return meanOf(recalls)
}

/** At most so many, evenly spread. */
function spread(rows: readonly number[], most: number): readonly number[] {
  const every = rows.length / most
  return every <= 1 ? rows : Array.from({ length: most }, (_, i) => rows[Math.floor(i * every)]!)
}
