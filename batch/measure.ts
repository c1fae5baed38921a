import { coverage, exposureAt, giniCoefficient } from '#schemas/math/exposure.ts'
import { bootstrapMeans, jackknifeInterval, meanOf, type Interval } from '#schemas/math/intervals.ts'
import { listQualities } from '#schemas/math/list-qualities.ts'
import {
  averagePrecisionAt,
  hitRateAt,
  ndcgAt,
  recallAt,
  reciprocalRankAt,
  type Ranking,
} from '#schemas/math/ranking-metrics.ts'
import type { TestUser } from './evaluation-set.ts'
import type { TrainingSet } from './training-set.ts'

/** A figure and its 95 % interval over users. */
export interface Measured extends Interval {
  readonly value: number
}

/** Metrics by name and length of list, such as `ndcg@10`. */
export type RankingMetrics = Readonly<Record<string, Measured>>

/** The lists of test users, in their order. */
export interface JudgedLists {
  readonly train: TrainingSet
  readonly tests: readonly Pick<TestUser, 'relevant'>[]
  readonly rankings: readonly Ranking[]
}

export interface MeasureOptions {
  /** Lengths of the lists that are judged. */
  readonly at: readonly number[]
  /** Of the draws of users. */
  readonly seed: number
}

const accuracy = {
  ndcg: ndcgAt,
  recall: recallAt,
  hitrate: hitRateAt,
  mrr: reciprocalRankAt,
  map: averagePrecisionAt,
} as const

export type AccuracyMetric = keyof typeof accuracy

const overall = { coverage, gini: giniCoefficient } as const

/** Groups of users that the jackknife leaves out, one at a time. */
const groups = 50

/** How well the lists foretell, how novel and how diverse they are, and how they spread over the items. */
export function measureLists(lists: JudgedLists, options: MeasureOptions): RankingMetrics {
  return { ...measureAccuracy(lists, options), ...measureQualities(lists, options), ...measureSpread(lists, options) }
}

/** Means over the test users of the metrics named, all of them by default. */
export function measureAccuracy(
  { tests, rankings }: Pick<JudgedLists, 'tests' | 'rankings'>,
  { at, seed }: MeasureOptions,
  names: readonly AccuracyMetric[] = ['ndcg', 'recall', 'hitrate', 'mrr', 'map'],
): RankingMetrics {
  const relevant = tests.map((user) => new Set(user.relevant))
  const columns = new Map<string, Float64Array>()
  for (const k of at) {
    for (const name of names) {
      columns.set(
        `${name}@${k}`,
        Float64Array.from(rankings, (ranking, user) => accuracy[name](ranking, relevant[user]!, k)),
      )
    }
  }
  return withIntervals(columns, seed)
}

function measureQualities({ train, rankings }: JudgedLists, { at, seed }: MeasureOptions): RankingMetrics {
  const { noveltyAt, diversityAt } = listQualities(train.byItem)
  const diversity = rankings.map((ranking) => diversityAt(ranking, at))
  const columns = new Map<string, Float64Array>()
  for (const [i, k] of at.entries()) {
    columns.set(
      `novelty@${k}`,
      Float64Array.from(rankings, (ranking) => noveltyAt(ranking, k)),
    )
    columns.set(
      `diversity@${k}`,
      Float64Array.from(diversity, (values) => values[i]!),
    )
  }
  return withIntervals(columns, seed)
}

function withIntervals(columns: ReadonlyMap<string, Float64Array>, seed: number): RankingMetrics {
  const values = [...columns.values()]
  const intervals = bootstrapMeans(values, seed)
  return Object.fromEntries(
    Array.from(columns.keys(), (name, i) => [name, { value: meanOf(values[i]!), ...intervals[i]! }]),
  )
}

function measureSpread({ train, rankings }: JudgedLists, { at }: MeasureOptions): RankingMetrics {
  const items = train.itemIds.length
  const parts = Math.min(groups, rankings.length)
  const byGroup = Array.from({ length: parts }, (_, group) => rankings.filter((_, user) => user % parts === group))
  const metrics: Record<string, Measured> = {}
  for (const k of at) {
    const all = exposureAt(rankings, items, k)
    const without = byGroup.map((group) => {
      const left = exposureAt(group, items, k)
      return all.map((lists, item) => lists - left[item]!)
    })
    for (const [name, figure] of Object.entries(overall)) {
      const value = figure(all)
      const { low, high } = jackknifeInterval(value, without.map(figure))
      metrics[`${name}@${k}`] = { value, low: Math.max(0, low), high: Math.min(1, high) }
    }
  }
  return metrics
}
