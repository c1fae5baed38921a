import type { ItemVector } from '#schemas/events/derived.ts'
import { foldInNear } from '#schemas/math/fold-in-near.ts'
import type { InPieces } from '#schemas/in-pieces.ts'
import { contentVector } from '#schemas/models/content-features.ts'
import { foldInUser, itemFoldInModel } from '#schemas/models/fold-in.ts'
import { decodingModel } from '#schemas/models/model-blob.ts'
import type { Model } from '#schemas/models/model.ts'
import { confidenceCap, shapedPreferences } from '#schemas/models/preference.ts'
import type { FeatureStore, ItemFeatures } from '#schemas/ports/feature-store.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { ItemUser } from '#schemas/rows/item-statistics.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { isWorthMaking, type MadeFrom } from './vector-growth.ts'

/** Items with at least this many training interactions keep the vector of the training. */
export const wellKnown = 50

export interface VectorSources {
  readonly features: Pick<FeatureStore, 'user' | 'itemFeatures' | 'catalogueEntry'>
  readonly solver: Pick<Solver, 'foldIn'>
  readonly settings: FoldSettings
}

/** A model with its items by id. */
export interface IndexedModel {
  readonly model: Model
  readonly rowOf: ReadonlyMap<string, number>
}

export interface Made {
  readonly vector: ItemVector
  readonly from: MadeFrom
}

/** Reads a model's bytes, a piece at a time; throws as `decodeModel` does. */
export function* indexingModel(bytes: Uint8Array): InPieces<IndexedModel> {
  const model = yield* decodingModel(bytes)
  const rowOf = new Map<string, number>()
  for (const [row, itemId] of model.itemIds.entries()) {
    rowOf.set(itemId, row)
    if (row % rowsOfPiece === 0) yield
  }
  return { model, rowOf }
}

const rowsOfPiece = 1_024

/**
 * The vector of a new item under a model: its content; and as its users come, the fold-in over the last 64 distinct ones,
 * each folded in from their own history, which begins at the content. Undefined for items the training knows well, for
 * those of which nothing is known, and when little is new since it was made before.
 */
export async function streamingVector(
  sources: VectorSources,
  { model, rowOf }: IndexedModel,
  itemId: string,
  before: MadeFrom | undefined,
): Promise<Made | undefined> {
  const row = rowOf.get(itemId)
  if (row !== undefined && (model.itemCounts[row] ?? 0) >= wellKnown) return undefined
  const [statistics, entry] = await Promise.all([
    sources.features.itemFeatures(itemId),
    sources.features.catalogueEntry(itemId),
  ])
  const modelVersion = model.version
  if (!isWorthMaking(before, { modelVersion, statistics, entry })) return undefined
  const content = entry === undefined ? undefined : contentVector(model, entry.item)
  // A model trained elsewhere makes its users' vectors itself: fold-ins would be of another space.
  const last = model.users === 0 ? [] : lastUsers(statistics, sources.settings)
  const users = await userVectors(sources, { model, rowOf }, itemId, last)
  if (users.size === 0 && content === undefined) return undefined
  const vector = users.size === 0 ? content! : foldInItem(model, users, content)
  const positions = statistics.partial.map(({ epoch, partition, offset }) => ({ epoch, partition, offset }))
  const madeFrom = users.size === 0 ? 'content' : 'fold-in'
  return {
    vector: { type: 'item-vector', itemId, modelVersion, madeFrom, vector, positions },
    from: { modelVersion, positions, updatedAt: entry?.updatedAt },
  }
}

/** The youngest users of the partial rows, a round from each in turn: rows of different partitions have no common order. */
function lastUsers({ partial }: ItemFeatures, { limits }: FoldSettings): ItemUser[] {
  const users: ItemUser[] = []
  for (let age = 1; age <= limits.itemUsers && users.length < limits.itemUsers; age++) {
    for (const row of partial) {
      const user = row.users.at(-age)
      if (user !== undefined && users.length < limits.itemUsers) users.push(user)
    }
  }
  return users
}

export interface WeighedVector {
  readonly vector: Float32Array
  readonly weight: number
}

async function userVectors(
  { features, solver, settings }: VectorSources,
  { model, rowOf }: IndexedModel,
  itemId: string,
  users: readonly ItemUser[],
): Promise<Map<string, WeighedVector>> {
  const vectors = new Map<string, WeighedVector>()
  const vectorOf = (known: string) => {
    const row = known === itemId ? undefined : rowOf.get(known)
    return row === undefined ? undefined : model.itemFactors.subarray(row * model.k, (row + 1) * model.k)
  }
  for (const { userId, weight, offset } of users) {
    const user = weight === 0 ? undefined : await features.user(userId)
    if (user === undefined || offset <= user.head.erasedAt) continue
    const preferences = shapedPreferences(user.history, settings, model)
    const { vector, itemIds } = foldInUser({ solver, model, preferences, vectorOf })
    if (itemIds.length > 0) vectors.set(userId, { vector, weight })
  }
  return vectors
}

/**
 * The fold-in of an item over its users, beginning at its content; without that at zero, as any vector of a training. It
 * ranked new films and books best after 1, 3, 10 and 30 users alike, beside blends of both and other priors.
 */
export function foldInItem(
  model: Model,
  users: ReadonlyMap<string, WeighedVector>,
  content: Float32Array | undefined,
): Float32Array {
  const { k } = model
  const vectors = new Float32Array(users.size * k)
  const values = new Float32Array(users.size)
  for (const [at, { vector, weight }] of [...users.values()].entries()) {
    vectors.set(vector, at * k)
    values[at] = Math.max(-confidenceCap, Math.min(confidenceCap, weight))
  }
  const prior = content ?? new Float32Array(k)
  return foldInNear({ model: itemFoldInModel(model), vectors, values, prior })
}
