import { setImmediate } from 'node:timers/promises'
import type { EvaluationSet } from './evaluation-set.ts'
import type { Ranker } from './rankers.ts'

/** Users ranked between two turns of the event loop: others on this thread are not kept waiting for long. */
const usersAtOnce = 8

/** The list of each test user, up to the longest length that is judged. */
export async function rankTests(
  { tests }: Pick<EvaluationSet, 'tests'>,
  rank: Ranker,
  at: readonly number[],
): Promise<Uint32Array[]> {
  const longest = Math.max(...at)
  const rankings: Uint32Array[] = []
  for (const [done, user] of tests.entries()) {
    if (done % usersAtOnce === 0) await setImmediate()
    rankings.push(rank(user, longest))
  }
  return rankings
}
