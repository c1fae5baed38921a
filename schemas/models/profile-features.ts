import type { Profile } from '../events/catalogue.ts'
import { hash32 } from '../math/hash.ts'
import type { SparseVector } from '../math/sparse-rows.ts'
import type { Model } from './model.ts'
import { attributeTerms, normalised } from './terms.ts'

/** Hashed terms of profiles and contexts; part of a model's format. */
const profileDimension = 1_024

/** Columns of the features of a user: the terms, then one that every user has. */
export const profileColumns = profileDimension + 1

/** What is known of a user beside what they did: a profile, and where they are asking from. */
export interface UserTraits {
  readonly profile?: Profile | undefined
  /** Such as `device` and `location`: the names that interactions carry in their context. */
  readonly context?: Readonly<Record<string, string>> | undefined
}

/** The names of a context that say something of the kind of user; a session id, say, does not. */
export const contextNames: readonly string[] = ['device', 'location']

/** The distinct terms of a user: `interest:`, `attribute:` and `context:` before each. */
export function traitTerms({ profile, context = {} }: UserTraits): Set<string> {
  const terms = new Set<string>()
  for (const interest of profile?.interests ?? []) terms.add(`interest:${normalised(interest)}`)
  for (const entry of Object.entries(profile?.attributes ?? {})) {
    for (const term of attributeTerms(entry)) terms.add(`attribute:${term}`)
  }
  for (const name of contextNames) {
    const value = Object.hasOwn(context, name) ? context[name] : undefined
    if (value !== undefined && value !== '') terms.add(`context:${name}=${normalised(value)}`)
  }
  return terms
}

/**
 * Terms of a user as features: hashed to place and sign, each of size 1 over the root of how many there are, and the
 * column that every user has, at 1.
 */
export function profileFeatures(terms: ReadonlySet<string>): SparseVector {
  const sums = new Map<number, number>()
  for (const term of terms) {
    const hash = hash32(term)
    const value = (hash >= 0x80000000 ? -1 : 1) / Math.sqrt(terms.size)
    sums.set(hash % profileDimension, (sums.get(hash % profileDimension) ?? 0) + value)
  }
  const entries = [...sums].filter(([, value]) => value !== 0).sort(([a], [b]) => a - b)
  return {
    indices: Uint32Array.from([...entries.map(([index]) => index), profileDimension]),
    values: Float32Array.from([...entries.map(([, value]) => value), 1]),
  }
}

/**
 * The vector to expect of a user without a history: features times the model's regression of user factors on them.
 * Undefined without such a regression, and for a user of whom nothing is known.
 */
export function profileVector(
  { profile: weights, k }: Pick<Model, 'profile' | 'k'>,
  traits: UserTraits,
): Float32Array | undefined {
  const terms = traitTerms(traits)
  if (weights.length === 0 || terms.size === 0) return undefined
  const { indices, values } = profileFeatures(terms)
  const vector = new Float32Array(k)
  for (const [at, index] of indices.entries()) {
    for (let i = 0; i < k; i++) vector[i]! += values[at]! * weights[index * k + i]!
  }
  return vector
}
