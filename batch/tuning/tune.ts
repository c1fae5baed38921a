import { setImmediate } from 'node:timers/promises'
import { seededRandom } from '#schemas/math/random.ts'
import type { Model } from '#schemas/models/model.ts'
import type { FitSettings, TrainingSettings } from '#schemas/models/training-settings.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { evaluationSetOf, refuseEmpty } from '../evaluate.ts'
import type { EvaluationSet } from '../evaluation-set.ts'
import type { Histories } from '../histories.ts'
import { sampled } from '../holdout.ts'
import { measureAccuracy, type RankingMetrics } from '../measure.ts'
import { bestShare } from '../neighbours/best-share.ts'
import { modelScorer, rankerOf } from '../rankers.ts'
import { rankTests } from '../rankings.ts'
import { splitHistories, trainingPart, type SplitOptions } from '../splits.ts'
import { trainModel } from '../train.ts'
import { settledSettings } from '../trial.ts'
import { defaultSearchSpace, drawPoint, settingsAt, type SearchSpace } from './search-space.ts'
import type { TrialJournal, TrialRecord } from './study.ts'
import { roundsOf, successiveHalving, type Round } from './successive-halving.ts'
import { trialTracking, type TrackingOptions } from './trial-tracking.ts'

export interface TuneOptions extends SplitOptions {
  readonly histories: Histories
  readonly foldSettings: FoldSettings
  /** The first candidate; its iterations are those of the last round. */
  readonly base: TrainingSettings
  readonly space?: SearchSpace
  readonly trials: number
  /** No trial begins after this time. */
  readonly budgetMs: number
  /** Users of the validation part that decide at most. Default 2,000. */
  readonly validationUsers?: number
  readonly solver: Pick<Solver, 'gramian' | 'solveHalf' | 'foldIn'>
  readonly clock: Pick<Clock, 'now'>
  readonly journal: TrialJournal
  /** Where each trial is also sent. */
  readonly tracking?: TrackingOptions | undefined
  readonly onProgress?: (progress: TuneProgress) => void
}

export interface TuneProgress {
  readonly done: number
  readonly of: number
  /** The best NDCG@10 of the latest round so far. */
  readonly best: number
}

export interface FoundSettings {
  readonly settings: FitSettings
  /** NDCG@10 of it on the validation part, by which it was chosen. */
  readonly validation: number
  /** False when the time was over before the last round was. */
  readonly finished: boolean
  readonly trials: readonly TrialRecord[]
}

export interface TuneReport extends FoundSettings {
  /** Accuracy on the test part, which nothing was chosen by. */
  readonly test: { readonly users: number; readonly tuned: RankingMetrics; readonly base: RankingMetrics }
}

const judgedAt = 10

/**
 * Searches settings by successive halving. The log is split twice by the same protocol: a test part is laid aside, then a
 * validation part of what is left decides between the candidates. Only the winner, and the settings it is to replace,
 * are fitted once more to all but the test part and judged on that. Equal seeds and data try equal candidates; what the
 * journal knows is not fitted again. Throws as `evaluateLog` does.
 */
export async function tune(options: TuneOptions): Promise<TuneReport> {
  const found = await searchSettings(options)
  return { ...found, test: await tested(options, found.settings) }
}

/** The search alone: the test part is laid aside and not looked at. */
export async function searchSettings(options: TuneOptions): Promise<FoundSettings> {
  const { histories, base, seed, protocol, fraction, trials, budgetMs, clock, journal } = options
  refuseEmpty(histories)
  const over = clock.now() + budgetMs
  const study = { protocol, fraction, seed, trials, base, entries: histories.items.length }
  const known = journal.open(study)
  const records = [...known]
  const tracking = trialTracking(study, options.tracking)
  const rounds = roundsOf(trials, base.iterations)
  const judge = trialJudge(options, rounds)
  const total = rounds.reduce((sum, { candidates }) => sum + candidates, 0)
  let done = 0
  const ranked = await successiveHalving({
    rounds,
    isOver: () => clock.now() >= over && done >= known.length,
    async judge(trial, round) {
      let record = known.find((one) => one.trial === trial && one.round === round)
      if (record === undefined) {
        record = await judge(trial, round)
        journal.add(record)
        records.push(record)
        tracking.tell(record, clock.now())
      }
      done++
      const best = Math.max(...records.filter((one) => one.round === round).map(({ ndcg }) => ndcg))
      options.onProgress?.({ done, of: total, best })
      return record.ndcg
    },
  })
  await tracking.told()
  const first = ranked[0]
  const winner = records.find(({ trial, round }) => trial === first?.candidate && round === first.round)
  const settings = { ...(winner?.settings ?? { ...base, neighbourShare: 0 }), iterations: base.iterations }
  return {
    settings,
    validation: winner?.ndcg ?? NaN,
    finished: done === total,
    trials: records,
  }
}

/** Fits a candidate with the iterations of a round and judges it on the validation part. */
function trialJudge(options: TuneOptions, rounds: readonly Round[]) {
  const { foldSettings, base, seed, space = defaultSearchSpace, trials, clock, validationUsers = 2_000 } = options
  const rest = restOf(options)
  const random = seededRandom(seed)
  const points = Array.from({ length: trials }, (_, trial) => (trial === 0 ? undefined : drawPoint(space, random)))
  return async (trial: number, round: number): Promise<TrialRecord> => {
    const began = clock.now()
    const point = points[trial]
    const set = sampled(evaluationSetOf(rest, foldSettings, validationSplit(options), point ?? base), validationUsers)
    const chosen = point === undefined ? base : settingsAt(point, base, set.train)
    const settings = { ...chosen, iterations: rounds[round]!.iterations }
    const model = await fitted(options, { ...settings, neighbourShare: 1 }, set)
    const judge = async (one: Model) => (await accuracyUnder(options, one, set))[`ndcg@${judgedAt}`]!.value
    const { neighbourShare, score } = await bestShare(model, space.neighbourShare, judge)
    const seconds = (clock.now() - began) / 1_000
    return { trial, round, settings: { ...settings, neighbourShare }, ndcg: score, seconds }
  }
}

/** How the rest is split again, for candidates to be chosen by: by another draw, else users held out before would be drawn again. */
export function validationSplit({ protocol, fraction, seed }: SplitOptions): SplitOptions {
  return { protocol, fraction, seed: seed + 1 }
}

/** All but the test part. */
export function restOf({ histories, ...split }: Pick<TuneOptions, 'histories' | keyof SplitOptions>): Histories {
  return trainingPart(histories, splitHistories(histories, split))
}

async function tested(options: TuneOptions, settings: FitSettings): Promise<TuneReport['test']> {
  const { histories, foldSettings, base, solver, clock } = options
  const setFor = (one: TrainingSettings) => evaluationSetOf(histories, foldSettings, options, one)
  const set = setFor(settings)
  const settled = await settledSettings({ solver, clock, foldSettings, histories: restOf(options), settings: base })
  return {
    users: set.tests.length,
    tuned: await accuracyOf(options, settings, set),
    base: await accuracyOf(options, settled, setFor(base)),
  }
}

async function accuracyOf(options: TuneOptions, settings: FitSettings, set: EvaluationSet): Promise<RankingMetrics> {
  return accuracyUnder(options, await fitted(options, settings, set), set)
}

async function fitted({ solver, clock }: TuneOptions, settings: FitSettings, set: EvaluationSet): Promise<Model> {
  await setImmediate()
  const { model } = await trainModel({ solver, clock, set: set.train, settings, version: 'trial' })
  return model
}

async function accuracyUnder({ solver, seed }: TuneOptions, model: Model, set: EvaluationSet): Promise<RankingMetrics> {
  const rankings = await rankTests(set, rankerOf(modelScorer(solver, model, set.train)), [judgedAt])
  return measureAccuracy({ ...set, rankings }, { at: [judgedAt], seed })
}
