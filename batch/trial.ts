import type { Model } from '#schemas/models/model.ts'
import type { ConfidenceShape } from '#schemas/models/preference.ts'
import type { FitSettings, TrainingSettings } from '#schemas/models/training-settings.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import type { EvaluationSet } from './evaluation-set.ts'
import { decideGate, type GateDecision } from './gate.ts'
import type { Histories } from './histories.ts'
import { gateHoldout, sampled, type GateHoldout, type GateHoldoutOptions } from './holdout.ts'
import { measureLists, type RankingMetrics } from './measure.ts'
import { bestShare, neighbourShares } from './neighbours/best-share.ts'
import { withShare } from './neighbours/with-share.ts'
import { modelScorer, popularityScorer, rankerOf, type Scorer } from './rankers.ts'
import { rankTests } from './rankings.ts'
import { trainModel, type TrainingProgress } from './train.ts'

export interface TrialOptions {
  readonly solver: Pick<Solver, 'gramian' | 'solveHalf' | 'foldIn'>
  readonly clock: Pick<Clock, 'now'>
  readonly histories: Histories
  readonly foldSettings: FoldSettings
  readonly settings: TrainingSettings
  /** Settings of the model served so far; undefined without one. */
  readonly incumbent?: FitSettings | undefined
  readonly holdout?: Omit<GateHoldoutOptions, 'seed'>
  readonly onProgress?: ((progress: TrainingProgress) => void | Promise<void>) | undefined
}

export interface Trial {
  readonly decision: GateDecision
  /** How often to iterate when fitting to everything: where the held-out NDCG@10 was best. */
  readonly iterations: number
  /** How loud the neighbours are to be: as the settings say, or as held-out likes are foretold best. */
  readonly neighbourShare: number
  readonly holdout: GateHoldout['kind'] | 'none'
  /** Of the candidate by name, of popularity as `popularity.ndcg@10`, of the incumbent as `incumbent.ndcg@10`. */
  readonly metrics: Readonly<Record<string, number>>
}

const judgedAt = 10

/** A fit to everything iterates at least so often: a small holdout may be at its best early by luck. */
const fewestIterations = 3

/** Users that decide when to stop: fewer than decide the gate, since they are asked after every iteration. */
const stoppingUsers = 500

/**
 * The gate (design section 6): candidate and incumbent settings are fitted to the same part of the log and judged on what
 * comes after it. Equal settings need one fit.
 */
export async function tryCandidate(options: TrialOptions): Promise<Trial> {
  const { settings, incumbent } = options
  const holdout = holdoutFor(options, settings)
  if (holdout === undefined) {
    const scores = { candidate: undefined, incumbent: undefined, popularity: undefined }
    const decision = decideGate(scores, settings.gateShare)
    const neighbourShare = settings.neighbourShare === 'auto' ? 0 : settings.neighbourShare
    return { decision, iterations: settings.iterations, neighbourShare, holdout: 'none', metrics: {} }
  }
  const { set, kind } = holdout
  const candidate = await fitAndMeasure(options, settings, holdout)
  const popularity = await judged(set, popularityScorer(set.train), settings.seed)
  const other = await incumbentMetrics(options, candidate)
  const decision = decideGate(
    { candidate: ndcgOf(candidate.metrics), incumbent: other && ndcgOf(other), popularity: ndcgOf(popularity) },
    settings.gateShare,
  )
  return {
    decision,
    iterations: Math.min(settings.iterations, Math.max(fewestIterations, candidate.iterations)),
    neighbourShare: candidate.neighbourShare,
    holdout: kind,
    metrics: {
      ...named('', candidate.metrics),
      ...named('popularity.', popularity),
      ...(incumbent !== undefined && other !== undefined && named('incumbent.', other)),
    },
  }
}

/** The same events are held out for any settings of one seed; what they are weighed by follows from the settings. */
function holdoutFor(options: TrialOptions, shape: ConfidenceShape): GateHoldout | undefined {
  const { histories, foldSettings, holdout, settings } = options
  return gateHoldout(histories, foldSettings, { ...holdout, seed: settings.seed, shape })
}

async function incumbentMetrics(options: TrialOptions, candidate: Measured): Promise<RankingMetrics | undefined> {
  const { incumbent, settings, solver } = options
  if (incumbent === undefined) return undefined
  if (!fitsAlike(incumbent, settings)) {
    const holdout = holdoutFor(options, incumbent)
    return holdout && (await fitAndMeasure(options, incumbent, holdout)).metrics
  }
  const { neighbourShare } = incumbent
  if (neighbourShare === candidate.neighbourShare) return candidate.metrics
  const { model, set } = candidate
  return judged(set, modelScorer(solver, withShare(model, neighbourShare), set.train), settings.seed)
}

interface Measured {
  readonly set: EvaluationSet
  /** With neighbours of share 1. */
  readonly model: Model
  readonly iterations: number
  /** By the users who decide when to stop, where it was not given. */
  readonly neighbourShare: number
  /** Under that share. */
  readonly metrics: RankingMetrics
}

/** Iterations stop by the factors alone where the share of the neighbours is to be chosen. */
async function fitAndMeasure(
  { solver, clock, onProgress }: TrialOptions,
  settings: TrainingSettings,
  { set }: GateHoldout,
): Promise<Measured> {
  const few = sampled(set, stoppingUsers)
  const judge = (model: Model, judges: EvaluationSet) =>
    judged(judges, modelScorer(solver, model, set.train), settings.seed)
  const given = settings.neighbourShare
  const { model, iterations } = await trainModel({
    solver,
    clock,
    set: set.train,
    settings: { ...settings, neighbourShare: 1 },
    version: 'trial',
    evaluate: async (model) => ndcgOf(await judge(withShare(model, given === 'auto' ? 0 : given), few)),
    onProgress,
  })
  const neighbourShare =
    given === 'auto'
      ? (await bestShare(model, neighbourShares, async (shared) => ndcgOf(await judge(shared, few)))).neighbourShare
      : given
  return { set, model, iterations, neighbourShare, metrics: await judge(withShare(model, neighbourShare), set) }
}

/** The settings with which a trial on these histories would fit a model: what is left to choose is chosen by it. */
export async function settledSettings(options: TrialOptions): Promise<FitSettings> {
  const { settings } = options
  const { neighbourShare } = settings
  if (neighbourShare !== 'auto') return { ...settings, neighbourShare }
  return { ...settings, neighbourShare: (await tryCandidate(options)).neighbourShare }
}

/** All that the gate measures, over every unseen item. */
export async function judged(set: EvaluationSet, score: Scorer, seed: number): Promise<RankingMetrics> {
  const at = [judgedAt]
  return measureLists({ ...set, rankings: await rankTests(set, rankerOf(score), at) }, { at, seed })
}

/** Would both give the same model, but for how loud the neighbours are? */
function fitsAlike(a: TrainingSettings, b: TrainingSettings): boolean {
  const names = ['factors', 'alpha0', 'lambda', 'nu', 'cgSteps', 'seed', 'iterations'] as const
  const shape = ['weightExponent', 'halfLifeDays', 'neighbourLambda'] as const
  return [...names, ...shape].every((name) => a[name] === b[name])
}

export function ndcgOf(metrics: RankingMetrics): number {
  return metrics[`ndcg@${judgedAt}`]!.value
}

/** Values by `prefix` and name. */
export function named(prefix: string, metrics: RankingMetrics): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [`${prefix}${name}`, value]))
}
