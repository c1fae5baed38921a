import { setImmediate } from 'node:timers/promises'
import {
  catalogueCoverageAt,
  hitRateAt,
  ndcgAt,
  recallAt,
  reciprocalRankAt,
  type Ranking,
} from '#schemas/math/ranking-metrics.ts'
import type { EvaluationSet } from './evaluation-set.ts'
import type { Ranker } from './rankers.ts'

/** Metrics by name and length of list, such as `ndcg@10`. */
export type RankingMetrics = Readonly<Record<string, { readonly value: number }>>

const userMetrics = { ndcg: ndcgAt, recall: recallAt, hitrate: hitRateAt, mrr: reciprocalRankAt }

/** Users ranked between two turns of the event loop: others on this thread are not kept waiting for long. */
const usersAtOnce = 8

/** Means over the test users, and the share of the items that is in anyone's list. */
export async function measureRanker(
  { tests, train }: Pick<EvaluationSet, 'tests' | 'train'>,
  rank: Ranker,
  at: readonly number[],
): Promise<RankingMetrics> {
  const longest = Math.max(...at)
  const sums = new Map<string, number>()
  const rankings: Ranking[] = []
  for (const [done, user] of tests.entries()) {
    if (done % usersAtOnce === 0) await setImmediate()
    const ranking = rank(user, longest)
    const relevant = new Set(user.relevant)
    rankings.push(ranking)
    for (const k of at) {
      for (const [name, metric] of Object.entries(userMetrics)) {
        sums.set(`${name}@${k}`, (sums.get(`${name}@${k}`) ?? 0) + metric(ranking, relevant, k))
      }
    }
  }
  const metrics: Record<string, { value: number }> = {}
  for (const [name, sum] of sums) metrics[name] = { value: sum / tests.length }
  for (const k of at) metrics[`coverage@${k}`] = { value: catalogueCoverageAt(rankings, train.itemIds.length, k) }
  return metrics
}
