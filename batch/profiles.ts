import { setImmediate } from 'node:timers/promises'
import { growingRows } from '#schemas/math/sparse-rows.ts'
import { foldInUser } from '#schemas/models/fold-in.ts'
import type { Model } from '#schemas/models/model.ts'
import { profileColumns, profileFeatures, traitTerms, type UserTraits } from '#schemas/models/profile-features.ts'
import type { FittedProfiles } from '#schemas/ports/model-registry.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import { rowOf } from './evaluation-set.ts'
import { preferencesOf } from './rankers.ts'
import type { TrainingSet } from './training-set.ts'

export interface ProfilesOptions {
  readonly solver: Pick<Solver, 'foldIn' | 'solveRidge'>
  readonly model: Model
  /** The set the model was fitted to. */
  readonly set: TrainingSet
  readonly traitsOf: (userId: string) => UserTraits
}

/** λ of the regression. */
const profileLambda = 10
/** More users teach a thousand weights nothing new. */
const mostUsers = 200_000
const usersAtOnce = 8

/**
 * The model with what to expect of a user without a history: a ridge regression of user vectors, folded in as answers do,
 * on the terms of profiles and contexts. Without a user who has any there is none.
 */
export async function withProfiles(
  options: ProfilesOptions,
): Promise<{ readonly model: Model; readonly fitted: FittedProfiles }> {
  const { solver, model, set, traitsOf } = options
  const { k } = model
  const rows = new Map(model.itemIds.map((itemId, row) => [itemId, row]))
  const vectorOf = (itemId: string) => {
    const row = rows.get(itemId)
    return row === undefined ? undefined : model.itemFactors.subarray(row * k, (row + 1) * k)
  }
  const users = spread(described(options), mostUsers)
  const features = growingRows(profileColumns)
  const data = new Float32Array(users.length * k)
  const terms = new Set<string>()
  for (const [done, user] of users.entries()) {
    if (done % usersAtOnce === 0) await setImmediate()
    const own = traitTerms(traitsOf(set.userIds[user]!))
    const preferences = preferencesOf(set, rowOf(set, user))
    features.add(profileFeatures(own))
    data.set(foldInUser({ solver, model, preferences, vectorOf }).vector, done * k)
    for (const term of own) terms.add(term)
  }
  const fitted = { users: users.length, terms: terms.size }
  if (users.length === 0) return { model: { ...model, profile: new Float32Array(0) }, fitted }
  const targets = { rows: users.length, k, data }
  const profile = await solver.solveRidge({ features: features.rows(), targets, lambda: profileLambda })
  return { model: { ...model, profile }, fitted }
}

/** Rows of users of whom something is known. */
function described({ set, traitsOf }: ProfilesOptions): number[] {
  return Array.from(set.userIds.keys()).filter((user) => traitTerms(traitsOf(set.userIds[user]!)).size > 0)
}

function spread(rows: readonly number[], most: number): readonly number[] {
  const every = rows.length / most
  return every <= 1 ? rows : Array.from({ length: most }, (_, i) => rows[Math.floor(i * every)]!)
}
