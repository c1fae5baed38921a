import { MillraceError } from '#schemas/errors.ts'
import type { FitSettings, TrainingSettings } from '#schemas/models/training-settings.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { CatalogueEntry, FeatureStore } from '#schemas/ports/feature-store.ts'
import type { OpenRankingView } from '#schemas/ports/ranking-view.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { Position } from '#schemas/position.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { claimTraining, type TrainingClaim } from './claim-training.ts'
import { withContent } from './content.ts'
import type { GateDecision } from './gate.ts'
import type { Histories } from './histories.ts'
import { readHistories, type HistoriesSource } from './read-histories.ts'
import type { GateHoldoutOptions } from './holdout.ts'
import { settingsOf } from './manifest-settings.ts'
import { readModelLife } from './model-topic.ts'
import { withProfiles } from './profiles.ts'
import { contextsSeen, readProfiles, type ContextsSeen } from './read-traits.ts'
import { fitRanker, type FitRankerOptions, type FittedRanker } from './ranker/fit-ranker.ts'
import { servingRanking } from './ranker/serving-ranking.ts'
import { publishModel, switchTo, type ModelShelf } from './publish.ts'
import { topLists, type TopListsOptions } from './top-lists.ts'
import { trainModel, type Trained, type TrainingProgress } from './train.ts'
import { refuseUntrainable, trainingSet, type TrainingSet } from './training-set.ts'
import { tryCandidate, type Trial } from './trial.ts'

export interface RunTrainingOptions extends ModelShelf, Pick<HistoriesSource, 'faultOf' | 'faultOfUser'> {
  readonly clock: Pick<Clock, 'now'>
  readonly solver: Solver
  /** The catalogue: content features, availability, categories. */
  readonly features: Pick<FeatureStore, 'catalogue'>
  /** Serving as of moments of the past, which a ranker is fitted by. Without it the model keeps the ranker in service. */
  readonly openView?: OpenRankingView
  readonly ranker?: Pick<FitRankerOptions, 'limits' | 'join'>
  readonly foldSettings: FoldSettings
  readonly settings: TrainingSettings
  /** Names this training and the version of its model: unique for ever, ascending by time, such as a ULID. */
  readonly run: string
  /** Names the process, for people. */
  readonly owner: string
  /** False: the model is fitted and judged, and thrown away. */
  readonly publish: boolean
  readonly claimMs?: number
  readonly holdout?: Omit<GateHoldoutOptions, 'seed'>
  readonly lists?: Pick<TopListsOptions, 'activeUsers' | 'length'>
  /** Name of the generation that serves a version. Default: the version. */
  readonly generationOf?: (version: string) => string
  readonly onProgress?: (progress: JobProgress) => void
}

export type JobProgress =
  | { readonly stage: 'reading'; readonly done: number; readonly total: number }
  /** Fitting to a part of the log, for the gate. */
  | ({ readonly stage: 'trying' } & TrainingProgress)
  /** Fitting to everything. */
  | ({ readonly stage: 'training' } & TrainingProgress)
  /** Fitting the ranker, and judging it. */
  | { readonly stage: 'ranking' }
  | { readonly stage: 'lists' }
  | { readonly stage: 'publishing' }

export interface TrainingReport {
  readonly users: number
  readonly items: number
  readonly interactions: number
  readonly secondsPerIteration: readonly number[]
  /** After each iteration of the fit to everything. */
  readonly loss: readonly number[]
  /** Highest resident size of the process so far. */
  readonly peakBytes: number
  readonly version: string
  readonly published: boolean
  readonly metrics: Readonly<Record<string, number>>
  readonly holdout: Trial['holdout']
  /** What became of the ranker. */
  readonly ranking?: FittedRanker['decision']
  /** Why the gate refused the model, which then was not published. */
  readonly refused?: Extract<GateDecision, { type: 'refuse' }> & { readonly code: 'model-refused' }
}

/**
 * One training: claim, training set at the end of the log as it is now, gate, fit to everything, publish, switch,
 * release. Throws `conflict` (retriable) while another training runs, `training-impossible` when there is nothing to fit
 * to, `lease-lost` when another run took over. What is served changes in the very last step; a run that dies before it
 * changes nothing, and its claim expires.
 */
export async function runTraining(options: RunTrainingOptions): Promise<TrainingReport> {
  const claim = await claimTraining({ ...options, ...(options.claimMs !== undefined && { ttlMs: options.claimMs }) })
  if (claim === undefined) {
    throw new MillraceError('conflict', 'another training is under way', { retriable: true })
  }
  let reason = 'failed'
  try {
    const report = await trainUnderClaim(options, claim)
    reason = report.refused !== undefined ? 'refused' : report.published ? 'published' : 'not to be published'
    return report
  } finally {
    await claim.release(reason)
  }
}

async function trainUnderClaim(options: RunTrainingOptions, claim: TrainingClaim): Promise<TrainingReport> {
  const { solver, clock, foldSettings, settings, run, onProgress } = options
  const began = clock.now()
  const contexts = contextsSeen()
  const histories = await readAll(options, contexts)
  const set = trainingSet(histories, foldSettings, { shape: settings })
  refuseUntrainable(set)
  await claim.keep()
  const trial = await tryCandidate({
    ...options,
    histories,
    incumbent: await incumbentSettings(options),
    onProgress: async (progress) => {
      onProgress?.({ stage: 'trying', ...progress })
      await claim.keep()
    },
  })
  if (trial.decision.type === 'refuse') {
    return { ...reportOf(run, set, trial), refused: { ...trial.decision, code: 'model-refused' } }
  }
  const chosen = { ...settings, neighbourShare: trial.neighbourShare }
  const trained = await trainModel({
    solver,
    clock,
    set,
    settings: { ...chosen, iterations: trial.iterations },
    version: run,
    withLoss: true,
    onProgress: async (progress) => {
      onProgress?.({ stage: 'training', ...progress })
      await claim.keep()
    },
  })
  const catalogue = await readCatalogue(options.features)
  onProgress?.({ stage: 'ranking' })
  const training = { ...chosen, iterations: trained.iterations }
  const ranking = await rankingFor(options, claim, { histories, catalogue, training })
  const report = reportOf(run, set, trial, { trained, ranking })
  if (!options.publish) return report
  await publishTrained(options, claim, { histories, contexts, set, chosen, trial, trained, catalogue, ranking, began })
  return { ...report, published: true, peakBytes: peakBytes() }
}

async function publishTrained(
  options: RunTrainingOptions,
  claim: TrainingClaim,
  made: {
    readonly histories: Histories
    readonly contexts: ContextsSeen
    readonly set: TrainingSet
    readonly chosen: FitSettings
    readonly trial: Trial
    readonly trained: Trained
    readonly catalogue: readonly CatalogueEntry[]
    readonly ranking: FittedRanker
    readonly began: number
  },
): Promise<void> {
  const { clock, solver, run, onProgress, generationOf = (version) => version } = options
  const { histories, contexts, set, chosen, trial, trained, ranking, began } = made
  const catalogue = new Map(made.catalogue.map(({ itemId, item }) => [itemId, item]))
  await claim.keep()
  const withItems = await withContent({ solver, model: trained.model, set, catalogue, seed: chosen.seed })
  const profiles = await readProfiles(options, new Set(set.userIds))
  const traitsOf = (userId: string) => ({ profile: profiles.get(userId), context: contexts.of(userId) })
  const withUsers = await withProfiles({ solver, model: withItems.model, set, traitsOf })
  const { model } = withUsers
  await claim.keep()
  onProgress?.({ stage: 'lists' })
  const lists = await topLists({ ...options.lists, solver, model, set, catalogue })
  await claim.confirm()
  onProgress?.({ stage: 'publishing' })
  const createdAt = clock.now()
  const positions: readonly Position[] = histories.positions
  const facts = {
    createdAt,
    settings: { ...chosen, iterationsRun: trained.iterations, holdout: trial.holdout },
    metrics: { ...trial.metrics, ...ranking.metrics },
    positions,
    users: set.userIds.length,
    items: set.itemIds.length,
    interactions: set.byUser.indices.length,
    seconds: (createdAt - began) / 1000,
    content: withItems.fitted,
    profiles: withUsers.fitted,
  }
  const { version } = await publishModel(options, { run, model, lists, ranker: ranking.ranker, facts })
  await switchTo(options, { version, generation: generationOf(version), positions, reason: 'published' })
}

async function readAll(
  { log, codec, foldSettings, faultOf, faultOfUser, onProgress }: RunTrainingOptions,
  contexts: ContextsSeen,
): Promise<Histories> {
  return readHistories({
    log,
    codec,
    settings: foldSettings,
    onEvent: (event) => contexts.take(event),
    ...(faultOf !== undefined && { faultOf }),
    ...(faultOfUser !== undefined && { faultOfUser }),
    onProgress: (done, total) => onProgress?.({ stage: 'reading', done, total }),
  })
}

/** Without a view the ranking in service goes on under the new model. */
async function rankingFor(
  options: RunTrainingOptions,
  claim: TrainingClaim,
  made: {
    readonly histories: Histories
    readonly catalogue: readonly CatalogueEntry[]
    readonly training: FitSettings
  },
): Promise<FittedRanker> {
  const { openView, foldSettings, ranker } = options
  const serving = await servingRanking(options)
  if (openView === undefined) return { ranker: serving?.ranker, decision: 'unmeasured', metrics: {} }
  return fitRanker({
    ...options,
    ...ranker,
    ...made,
    openView,
    serving,
    settings: foldSettings,
    onProgress: () => claim.keep(),
  })
}

async function incumbentSettings(options: RunTrainingOptions): Promise<FitSettings | undefined> {
  const { serving } = await readModelLife(options)
  const manifest = serving === undefined ? undefined : await options.registry.get(serving.version)
  return manifest === undefined ? undefined : settingsOf(manifest)
}

async function readCatalogue(features: Pick<FeatureStore, 'catalogue'>): Promise<CatalogueEntry[]> {
  const catalogue: CatalogueEntry[] = []
  for await (const entries of features.catalogue()) catalogue.push(...entries)
  return catalogue
}

function reportOf(
  run: string,
  set: TrainingSet,
  trial: Trial,
  made?: { readonly trained: Trained; readonly ranking: FittedRanker },
): TrainingReport {
  return {
    users: set.userIds.length,
    items: set.itemIds.length,
    interactions: set.byUser.indices.length,
    secondsPerIteration: made?.trained.secondsPerIteration ?? [],
    loss: made?.trained.losses ?? [],
    peakBytes: peakBytes(),
    version: run,
    published: false,
    metrics: { ...trial.metrics, ...made?.ranking.metrics },
    ...(made !== undefined && { ranking: made.ranking.decision }),
    holdout: trial.holdout,
  }
}

function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024
}
