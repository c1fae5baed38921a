import { join } from 'node:path'
import { evaluationSetOf } from '#batch/evaluate.ts'
import type { EvaluationSet } from '#batch/evaluation-set.ts'
import { sampled } from '#batch/holdout.ts'
import { itemKnnScorer } from '#batch/item-knn.ts'
import { measureLists, type RankingMetrics } from '#batch/measure.ts'
import { modelScorer, popularityScorer, rankerOf, type Scorer } from '#batch/rankers.ts'
import { rankTests } from '#batch/rankings.ts'
import { splitHistories } from '#batch/splits.ts'
import { trainModel } from '#batch/train.ts'
import { settledSettings } from '#batch/trial.ts'
import { trendingScorer } from '#batch/trending.ts'
import { defaultSearchSpace, type SearchSpace } from '#batch/tuning/search-space.ts'
import { roundsOf } from '#batch/tuning/successive-halving.ts'
import { restOf, validationSplit, searchSettings, type TuneOptions } from '#batch/tuning/tune.ts'
import type { Ranking } from '#schemas/math/ranking-metrics.ts'
import { defaultTrainingSettings, type FitSettings, type TrainingSettings } from '#schemas/models/training-settings.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import { trialFile } from '../../app/cli/trial-file.ts'
import { peerRankings } from './peers.ts'
import type { RatedData } from './rated-data.ts'

export interface ContestOptions {
  readonly data: RatedData
  readonly seed: number
  readonly solver: Solver
  readonly threads: number
  /** For this contest alone: what was tried, and what the peers answered, is kept there and not done again. */
  readonly folder: string
  readonly say: (line: string) => void
}

export interface Entrant {
  readonly name: string
  readonly metrics: RankingMetrics
  /** How it was set, and where those settings come from. */
  readonly set: string
}

export interface Contest {
  readonly data: string
  readonly protocol: string
  /** Users judged, and interactions of the training part. */
  readonly users: number
  readonly interactions: number
  readonly entrants: readonly Entrant[]
  /** Metrics to show, the one that decides first. */
  readonly shown: readonly string[]
}

const shown = ['ndcg@10', 'recall@20', 'hitrate@10', 'mrr@10', 'map@10', 'coverage@10', 'novelty@10', 'diversity@10']

/** Lengths of the lists that are judged. */
export const judgedAt = [10, 20]

/** The budget of each tuned model: candidates of the first round, iterations of the last, dimensions to choose from. */
export const budget = {
  trials: Number(process.env['MILLRACE_QUALITY_TRIALS'] ?? 9),
  iterations: 9,
  factors: [64, 128],
} as const

const fraction = 0.2
/** Judged at most. */
export const users = { validation: 1_000, test: 5_000 } as const

/** Lets all models foretell the same test part; what is tuned is tuned on a validation part of the rest. */
export async function contest(options: ContestOptions): Promise<Contest> {
  const { data, seed, solver, say } = options
  const { histories, foldSettings, protocol } = data
  const split = { protocol, fraction, seed }
  const setFor = (shape?: TrainingSettings) =>
    sampled(evaluationSetOf(histories, foldSettings, split, shape), users.test)
  const set = setFor()
  const entrants: Entrant[] = []
  const enter = (name: string, how: string, rankings: readonly Ranking[]) => {
    const metrics = measureLists({ ...set, rankings }, { at: judgedAt, seed })
    say(`${data.name}: ${name}: NDCG@10 ${metrics['ndcg@10']!.value.toFixed(4)}`)
    entrants.push({ name, metrics, set: how })
  }
  const score = async (name: string, how: string, scorer: Scorer) =>
    enter(name, how, await rankTests(set, rankerOf(scorer), judgedAt))
  const fitted = async (settings: FitSettings) => rankedByModel(solver, setFor(settings), settings)

  await score('popularity', '', popularityScorer(set.train))
  const heldOut = splitHistories(histories, split)
  const week = foldSettings.slowHalfLifeMs
  if (protocol === 'time-split') {
    await score('trending', 'half-life of a week', trendingScorer(histories, heldOut, set.train, week))
  }
  await score('item neighbours', '100 of each, shrunk by 10', itemKnnScorer(set.train))
  const tuning = tuningOf(options, 'ours')
  const { implicit, ease } = await peersOf(options, set, tuning)
  enter('EASE', JSON.stringify(ease.settings), ease.rankings)
  enter('implicit 0.7.3, tuned', JSON.stringify(implicit.settings), implicit.rankings)
  const found = await searchSettings({
    ...tuning,
    onProgress: ({ done, of, best }) => say(`${data.name}: trial ${done} of ${of}, best ${best.toFixed(4)}`),
  })
  const settled = (base: TrainingSettings) =>
    settledSettings({ solver, clock: tuning.clock, foldSettings, histories: restOf(tuning), settings: base })
  const plain = await settled(tuning.base)
  enter('ours, default settings', `neighbourShare ${plain.neighbourShare}`, await fitted(plain))
  const ageless = await settled({ ...tuning.base, halfLifeDays: 0 })
  const how = `halfLifeDays 0, neighbourShare ${ageless.neighbourShare}`
  enter('ours, default settings, nothing ages', how, await fitted(ageless))
  enter('ours, tuned', shownSettings(found.settings), await fitted(found.settings))
  if (found.settings.neighbourShare > 0) {
    const alone = { ...found.settings, neighbourShare: 0 }
    enter('ours, tuned, factors alone', 'neighbourShare 0', await fitted(alone))
  }
  if (found.settings.halfLifeDays > 0) {
    enter('ours, tuned, nothing ages', 'halfLifeDays 0', await fitted({ ...found.settings, halfLifeDays: 0 }))
  }
  const interactions = set.train.byUser.indices.length
  return { data: data.name, protocol, users: set.tests.length, interactions, entrants, shown }
}

/** A search under a name of its own: what it tried stays in a file of that name. */
export function tuningOf(
  { data, seed, solver, folder }: ContestOptions,
  name: string,
  {
    base,
    space,
    share = fraction,
  }: { base?: Partial<TrainingSettings>; space?: Partial<SearchSpace>; share?: number } = {},
): TuneOptions {
  return {
    ...data,
    fraction: share,
    seed,
    base: { ...defaultTrainingSettings, iterations: budget.iterations, ...base },
    space: { ...defaultSearchSpace, factors: budget.factors, ...space },
    trials: budget.trials,
    budgetMs: Infinity,
    validationUsers: users.validation,
    solver,
    clock: { now: () => performance.now() },
    journal: trialFile(join(folder, `${name}.jsonl`)),
  }
}

function peersOf({ folder, seed, threads, data, say }: ContestOptions, test: EvaluationSet, tuning: TuneOptions) {
  say(`${data.name}: tuning implicit and EASE`)
  return peerRankings(folder, {
    peers: ['implicit', 'ease'],
    validation: sampled(evaluationSetOf(restOf(tuning), data.foldSettings, validationSplit(tuning)), users.validation),
    test,
    rounds: roundsOf(budget.trials, budget.iterations),
    factors: budget.factors,
    easeItems: 10_000,
    easeLambdas: [20, 100, 500],
    length: Math.max(...judgedAt),
    seed,
    threads,
  })
}

/** Lists of the test users, as long as the longest length judged, by a model fitted with these settings. */
export async function rankedByModel(
  solver: Solver,
  set: EvaluationSet,
  settings: FitSettings,
  at: readonly number[] = judgedAt,
): Promise<Uint32Array[]> {
  const clock = { now: () => performance.now() }
  const { model } = await trainModel({ solver, clock, set: set.train, settings, version: 'contest' })
  return rankTests(set, rankerOf(modelScorer(solver, model, set.train)), at)
}

export function shownSettings(settings: FitSettings): string {
  const { factors, alpha0, lambda, nu, weightExponent, halfLifeDays, neighbourShare } = settings
  return JSON.stringify({ factors, alpha0, lambda, nu, weightExponent, halfLifeDays, neighbourShare })
}
