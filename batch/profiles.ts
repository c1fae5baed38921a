import { setImmediate } from 'node:timers/promises'
import { ridgeRegression } from '#schemas/math/ridge.ts'
import { foldInUser } from '#schemas/models/fold-in.ts'
import type { Model } from '#schemas/models/model.ts'
import { profileColumns, profileFeatures, traitTerms, type UserTraits } from '#schemas/models/profile-features.ts'
import type { FittedProfiles } from '#schemas/ports/model-registry.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import { rowOf } from './evaluation-set.ts'
import { preferencesOf } from './rankers.ts'
import type { TrainingSet } from './training-set.ts'

export interface ProfilesOptions {
  readonly solver: Pick<Solver, 'foldIn'>
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
  const regression = ridgeRegression({ columns: profileColumns, k, lambda: profileLambda })
  const terms = new Set<string>()
  for (const [done, user] of spread(described(options), mostUsers).entries()) {
    if (done % usersAtOnce === 0) await setImmediate()
    const own = traitTerms(traitsOf(set.userIds[user]!))
    const preferences = preferencesOf(set, rowOf(set, user))
    regression.add(profileFeatures(own), foldInUser({ solver, model, preferences, vectorOf }).vector)
    for (const term of own) terms.add(term)
  }
  const users = regression.rows()
  const profile = users === 0 ? new Float32Array(0) : regression.solve()
  return { model: { ...model, profile }, fitted: { users, terms: terms.size } }
}

/** Rows of users of whom something is known. */
function described({ set, traitsOf }: ProfilesOptions): number[] {
  return Array.from(set.userIds.keys()).filter((user) => traitTerms(traitsOf(set.userIds[user]!)).size > 0)
}

function spread(rows: readonly number[], most: number): readonly number[] {
  const every = rows.length / most
  return every <= 1 ? rows : Array.from({ length: most }, (_, i) => rows[Math.floor(i * every)]!)
}
