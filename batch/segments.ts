import type { Ranking } from '#schemas/math/ranking-metrics.ts'
import type { EvaluationSet, TestUser } from './evaluation-set.ts'
import { measureAccuracy, type MeasureOptions, type RankingMetrics } from './measure.ts'
import type { TrainingSet } from './training-set.ts'

/**
 * Users by the items a model is told of them: `new` fewer than 5, `light` fewer than 20, `heavy` 20 and more. Items by the
 * training part: `head` the most popular ones that together have half of its entries, `tail` all others.
 */
export const segments = ['new', 'light', 'heavy', 'head', 'tail'] as const

export type Segment = (typeof segments)[number]

export interface MeasuredSegment {
  /** Test users with something to be foretold in this segment. */
  readonly users: number
  readonly metrics: RankingMetrics
}

type JudgedUser = Pick<TestUser, 'known' | 'relevant'>

/** Accuracy in each segment: of its users, or of all users in foretelling its items, whose lists stay as they are. */
export function measureSegments(
  { train, tests }: EvaluationSet,
  rankings: readonly Ranking[],
  options: MeasureOptions,
): Record<Segment, MeasuredSegment> {
  const isHead = headItems(train)
  const among = (cut: (user: TestUser) => JudgedUser) => {
    const judged = tests
      .map((user, i) => ({ ...cut(user), ranking: rankings[i]! }))
      .filter(({ relevant }) => relevant.length > 0)
    const lists = { tests: judged, rankings: judged.map(({ ranking }) => ranking) }
    return { users: judged.length, metrics: measureAccuracy(lists, options, ['ndcg', 'recall']) }
  }
  const usersWith = (from: number, to: number) =>
    among((user) => (user.known.columns.length >= from && user.known.columns.length < to ? user : nothing(user)))
  const itemsThat = (belong: (item: number) => boolean) =>
    among((user) => ({ known: user.known, relevant: user.relevant.filter(belong) }))
  return {
    new: usersWith(0, 5),
    light: usersWith(5, 20),
    heavy: usersWith(20, Infinity),
    head: itemsThat((item) => isHead[item] === 1),
    tail: itemsThat((item) => isHead[item] === 0),
  }
}

function nothing({ known }: TestUser): JudgedUser {
  return { known, relevant: new Uint32Array(0) }
}

/** 1 for the most popular items that together have half of the entries; of equal ones the lower column first. */
export function headItems({ byItem: { rows, starts, indices } }: TrainingSet): Uint8Array {
  const usersOf = (item: number) => starts[item + 1]! - starts[item]!
  const isHead = new Uint8Array(rows)
  let entries = 0
  for (const item of Uint32Array.from({ length: rows }, (_, i) => i).sort((a, b) => usersOf(b) - usersOf(a) || a - b)) {
    if (2 * entries >= indices.length) break
    isHead[item] = 1
    entries += usersOf(item)
  }
  return isHead
}
