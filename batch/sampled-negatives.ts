import { hash53 } from '#schemas/math/hash.ts'
import { seededRandom } from '#schemas/math/random.ts'
import type { EvaluationSet, TestUser } from './evaluation-set.ts'

/** Items a user has not met that compete with the one to be foretold. */
export const negatives = 99

/**
 * Lets each test user's held-out items compete with 99 random ones that the user has not met, as He et al. 2017 ("Neural
 * collaborative filtering") do. Biased: it can order two models differently than a ranking of all items does (Krichene
 * and Rendle 2020, "On sampled metrics for item recommendation"); it serves comparison with papers only.
 */
export function withSampledNegatives(set: EvaluationSet, seed: number): EvaluationSet {
  const tests = set.tests.map((user) => ({ ...user, candidates: candidatesOf(user, set.train.itemIds.length, seed) }))
  return { ...set, tests }
}

function candidatesOf({ userId, seen, relevant }: TestUser, items: number, seed: number): Uint32Array {
  const random = seededRandom(hash53(userId, seed))
  const met = new Set(seen)
  const candidates = new Set(relevant)
  const free = items - new Set([...seen, ...relevant]).size
  const wanted = relevant.length + Math.min(negatives, free)
  while (candidates.size < wanted) {
    const column = Math.floor(random() * items)
    if (!met.has(column)) candidates.add(column)
  }
  return Uint32Array.from(candidates).sort()
}
