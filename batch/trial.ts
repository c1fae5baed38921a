import type { Model } from '#schemas/models/model.ts'
import type { ConfidenceShape } from '#schemas/models/preference.ts'
import type { TrainingSettings } from '#schemas/models/training-settings.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import type { EvaluationSet } from './evaluation-set.ts'
import { decideGate, type GateDecision } from './gate.ts'
import type { Histories } from './histories.ts'
import { gateHoldout, sampled, type GateHoldout, type GateHoldoutOptions } from './holdout.ts'
import { measureLists, type RankingMetrics } from './measure.ts'
import { modelScorer, popularityScorer, rankerOf, type Scorer } from './rankers.ts'
import { rankTests } from './rankings.ts'
import { trainModel, type TrainingProgress } from './train.ts'

export interface TrialOptions {
  readonly solver: Solver
  readonly clock: Pick<Clock, 'now'>
  readonly histories: Histories
  readonly foldSettings: FoldSettings
  readonly settings: TrainingSettings
  /** Settings of the model served so far; undefined without one. */
  readonly incumbent?: TrainingSettings | undefined
  readonly holdout?: Omit<GateHoldoutOptions, 'seed'>
  readonly onProgress?: ((progress: TrainingProgress) => void | Promise<void>) | undefined
}

export interface Trial {
  readonly decision: GateDecision
  /** How often to iterate when fitting to everything: where the held-out NDCG@10 was best. */
  readonly iterations: number
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
    return { decision, iterations: settings.iterations, holdout: 'none', metrics: {} }
  }
  const { set, kind } = holdout
  const candidate = await fitAndMeasure(options, settings, holdout)
  const popularity = await judged(set, popularityScorer(set.train), settings.seed)
  const other = await incumbentMetrics(options, candidate.metrics)
  const decision = decideGate(
    { candidate: ndcgOf(candidate.metrics), incumbent: other && ndcgOf(other), popularity: ndcgOf(popularity) },
    settings.gateShare,
  )
  return {
    decision,
    iterations: Math.min(settings.iterations, Math.max(fewestIterations, candidate.iterations)),
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

async function incumbentMetrics(options: TrialOptions, candidate: RankingMetrics): Promise<RankingMetrics | undefined> {
  const { incumbent, settings } = options
  if (incumbent === undefined) return undefined
  if (fitsAlike(incumbent, settings)) return candidate
  const holdout = holdoutFor(options, incumbent)
  return holdout && (await fitAndMeasure(options, incumbent, holdout)).metrics
}

async function fitAndMeasure(
  { solver, clock, onProgress }: TrialOptions,
  settings: TrainingSettings,
  { set }: GateHoldout,
): Promise<{ metrics: RankingMetrics; iterations: number }> {
  const few = sampled(set, stoppingUsers)
  const judge = (model: Model, judges: EvaluationSet) =>
    judged(judges, modelScorer(solver, model, set.train), settings.seed)
  const { model, iterations } = await trainModel({
    solver,
    clock,
    set: set.train,
    settings,
    version: 'trial',
    evaluate: async (model) => ndcgOf(await judge(model, few)),
    onProgress,
  })
  return { metrics: await judge(model, set), iterations }
}

/** All that the gate measures, over every unseen item. */
export async function judged(set: EvaluationSet, score: Scorer, seed: number): Promise<RankingMetrics> {
  const at = [judgedAt]
  return measureLists({ ...set, rankings: await rankTests(set, rankerOf(score), at) }, { at, seed })
}

/** Would both give the same model? */
function fitsAlike(a: TrainingSettings, b: TrainingSettings): boolean {
  const names = ['factors', 'alpha0', 'lambda', 'nu', 'cgSteps', 'seed', 'iterations'] as const
  const shape = ['weightExponent', 'halfLifeDays'] as const
  return [...names, ...shape].every((name) => a[name] === b[name])
}

export function ndcgOf(metrics: RankingMetrics): number {
  return metrics[`ndcg@${judgedAt}`]!.value
}

/** Values by `prefix` and name. */
export function named(prefix: string, metrics: RankingMetrics): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [`${prefix}${name}`, value]))
}
