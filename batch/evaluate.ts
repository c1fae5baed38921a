import { setImmediate } from 'node:timers/promises'
import { MillraceError } from '#schemas/errors.ts'
import type { TrainingSettings } from '#schemas/models/training-settings.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import { evaluationSet, type EvaluationSet } from './evaluation-set.ts'
import { readHistories, type HistoriesSource } from './read-histories.ts'
import { measureRanker, type RankingMetrics } from './measure.ts'
import { modelRanker, popularityRanker } from './rankers.ts'
import { splitHistories, type Protocol } from './splits.ts'
import { trainModel, type TrainingProgress } from './train.ts'
import { refuseUntrainable } from './training-set.ts'

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

export interface EvaluationReport {
  readonly protocol: Protocol
  readonly seed: number
  readonly fraction: number
  /** Users judged, and the held-out likes of theirs that could be ranked. */
  readonly users: number
  readonly heldOut: number
  /** Held-out likes of users or items that the training part does not hold: in no figure. */
  readonly cold: EvaluationSet['cold']
  readonly models: Readonly<Record<'ials' | 'popularity', RankingMetrics>>
}

/**
 * Fits a model to the training part of the log and judges it, beside popularity, on the rest: each user is folded in from
 * the training history and ranks every item of the training part that they have not seen there. Throws
 * `time-split-impossible`, or `training-impossible` when nothing is left to fit to or to judge by.
 */
export async function evaluateLog(options: EvaluateOptions): Promise<EvaluationReport> {
  const { protocol, solver, settings, training, clock } = options
  const { fraction, seed, at } = { ...evaluationDefaults, ...options }
  const { onProgress, ...source } = options
  const histories = await readHistories(source)
  if (histories.items.length === 0) {
    throw new MillraceError('training-impossible', 'cannot evaluate: the log holds no interactions that count')
  }
  const set = evaluationSet(histories, settings, splitHistories(histories, { protocol, fraction, seed }))
  refuseUntrainable(set.train)
  if (set.tests.length === 0) {
    throw new MillraceError('training-impossible', 'cannot evaluate: nothing that was held out can be ranked', {
      facts: { protocol, fraction, ...set.cold },
    })
  }
  await setImmediate()
  const { model } = await trainModel({
    solver,
    clock,
    set: set.train,
    settings: training,
    version: protocol,
    onProgress,
  })
  return {
    protocol,
    seed,
    fraction,
    users: set.tests.length,
    heldOut: set.tests.reduce((sum, { relevant }) => sum + relevant.length, 0),
    cold: set.cold,
    models: {
      ials: await measureRanker(set, modelRanker(solver, model, set.train), at),
      popularity: await measureRanker(set, popularityRanker(set.train), at),
    },
  }
}
