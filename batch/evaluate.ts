import { setImmediate } from 'node:timers/promises'
import { MillraceError } from '#schemas/errors.ts'
import type { ConfidenceShape } from '#schemas/models/preference.ts'
import type { TrainingSettings } from '#schemas/models/training-settings.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { easeMostItems, easeScorer } from './ease.ts'
import { evaluationSet, type EvaluationSet } from './evaluation-set.ts'
import type { Histories } from './histories.ts'
import { itemKnnScorer } from './item-knn.ts'
import { readHistories, type HistoriesSource } from './read-histories.ts'
import { measureLists, type MeasureOptions, type RankingMetrics } from './measure.ts'
import { modelScorer, popularityScorer, rankerOf, type Scorer } from './rankers.ts'
import { rankTests } from './rankings.ts'
import { withSampledNegatives } from './sampled-negatives.ts'
import { measureSegments, type MeasuredSegment, type Segment } from './segments.ts'
import { splitHistories, trainingPart, type Protocol, type SplitOptions } from './splits.ts'
import { trainModel, type TrainingProgress } from './train.ts'
import { refuseUntrainable } from './training-set.ts'
import { trendingScorer } from './trending.ts'
import { settledSettings } from './trial.ts'

export interface EvaluateOptions extends Omit<HistoriesSource, 'onProgress'> {
  readonly solver: Solver
  readonly clock: Pick<Clock, 'now'>
  readonly training: TrainingSettings
  readonly protocol: Protocol
  readonly fraction?: number
  readonly seed?: number
  /** Lengths of the lists that are judged. */
  readonly at?: readonly number[]
  readonly onProgress?: (progress: TrainingProgress) => void
}

export const evaluationDefaults = { fraction: 0.2, seed: 7, at: [10, 20, 100] } as const

/** The model and the baselines beside it; EASE where the training part has few enough items. */
export type EvaluatedModel = 'ials' | 'popularity' | 'trending' | 'item-knn' | 'ease'

type ByModel<T> = Readonly<Record<Exclude<EvaluatedModel, 'ease'>, T> & { ease?: T }>

export interface EvaluationReport {
  readonly protocol: Protocol
  /** Whether the protocol can order models wrongly: it is only for comparison with papers. */
  readonly biased: boolean
  readonly seed: number
  readonly fraction: number
  /** Users judged, and the held-out likes of theirs that could be ranked. */
  readonly users: number
  readonly heldOut: number
  /** Held-out likes of users or items that the training part does not hold: in no figure. */
  readonly cold: EvaluationSet['cold']
  readonly models: ByModel<RankingMetrics>
  readonly segments: ByModel<Readonly<Record<Segment, MeasuredSegment>>>
}

/**
 * Fits a model to the training part of the log and judges it, beside the baselines, on the rest: each user is folded in
 * from what the protocol lets a model know and ranks every item of the training part that they have not seen there.
 * Throws `time-split-impossible`, or `training-impossible` when nothing is left to fit to or to judge by.
 */
export async function evaluateLog(options: EvaluateOptions): Promise<EvaluationReport> {
  const { protocol, solver, settings, training, clock } = options
  const { fraction, seed, at } = { ...evaluationDefaults, ...options }
  const { onProgress, ...source } = options
  const histories = await readHistories(source)
  const split = { protocol, fraction, seed }
  const set = evaluationSetOf(histories, settings, split, training)
  await setImmediate()
  const { train } = set
  const heldOut = splitHistories(histories, split)
  const rest = trainingPart(histories, heldOut)
  const chosen = await settledSettings({ solver, clock, histories: rest, foldSettings: settings, settings: training })
  const { model } = await trainModel({ solver, clock, set: train, settings: chosen, version: protocol, onProgress })
  const judge = async (score: Scorer) => judgeScorer(set, score, { at, seed })
  const judged: ByModel<JudgedScorer> = {
    ials: await judge(modelScorer(solver, model, train)),
    popularity: await judge(popularityScorer(train)),
    trending: await judge(trendingScorer(histories, heldOut, train, settings.slowHalfLifeMs)),
    'item-knn': await judge(itemKnnScorer(train)),
    ...(train.itemIds.length <= easeMostItems && { ease: await judge(easeScorer(train)) }),
  }
  return {
    protocol,
    biased: protocol === 'sampled-negatives',
    seed,
    fraction,
    users: set.tests.length,
    heldOut: set.tests.reduce((sum, { relevant }) => sum + relevant.length, 0),
    cold: set.cold,
    models: ofEach(judged, ({ metrics }) => metrics),
    segments: ofEach(judged, ({ segments }) => segments),
  }
}

/** Throws `time-split-impossible`, or `training-impossible` when nothing is left to fit to or to judge by. */
export function evaluationSetOf(
  histories: Histories,
  settings: FoldSettings,
  options: SplitOptions,
  shape?: ConfidenceShape,
): EvaluationSet {
  const { protocol, fraction, seed } = options
  refuseEmpty(histories)
  const set = evaluationSet(histories, settings, splitHistories(histories, options), shape)
  refuseUntrainable(set.train)
  if (set.tests.length === 0) {
    throw new MillraceError('training-impossible', 'cannot evaluate: nothing that was held out can be ranked', {
      facts: { protocol, fraction, ...set.cold },
    })
  }
  return protocol === 'sampled-negatives' ? withSampledNegatives(set, seed) : set
}

/** Throws `training-impossible`. */
export function refuseEmpty({ items }: Histories): void {
  if (items.length > 0) return
  throw new MillraceError('training-impossible', 'cannot evaluate: the log holds no interactions that count')
}

interface JudgedScorer {
  readonly metrics: RankingMetrics
  readonly segments: Readonly<Record<Segment, MeasuredSegment>>
}

async function judgeScorer(set: EvaluationSet, score: Scorer, options: MeasureOptions): Promise<JudgedScorer> {
  const rankings = await rankTests(set, rankerOf(score), options.at)
  return { metrics: measureLists({ ...set, rankings }, options), segments: measureSegments(set, rankings, options) }
}

function ofEach<T, U>({ ease, ...always }: ByModel<T>, pick: (one: T) => U): ByModel<U> {
  const { ials, popularity, trending, 'item-knn': knn } = always
  return {
    ials: pick(ials),
    popularity: pick(popularity),
    trending: pick(trending),
    'item-knn': pick(knn),
    ...(ease !== undefined && { ease: pick(ease) }),
  }
}
