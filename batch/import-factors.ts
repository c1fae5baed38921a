import { MillraceError } from '#schemas/errors.ts'
import type { Item } from '#schemas/events/catalogue.ts'
import { defaultTrainingSettings, type FitSettings, type TrainingSettings } from '#schemas/models/training-settings.ts'
import { modelOfFactors, type TrainedFactors } from '#schemas/models/trained-factors.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { claimTraining, type TrainingClaim } from './claim-training.ts'
import { withContent } from './content.ts'
import { evaluationSet, type EvaluationSet } from './evaluation-set.ts'
import { splitFor } from './export-interactions.ts'
import { decideGate, type GateDecision } from './gate.ts'
import type { Histories } from './histories.ts'
import { sampled } from './holdout.ts'
import { settingsOf } from './manifest-settings.ts'
import { readModelLife } from './model-topic.ts'
import { publishModel, switchTo, type ModelShelf } from './publish.ts'
import type { RankingMetrics } from './measure.ts'
import { modelScorer, popularityScorer } from './rankers.ts'
import { readHistories, type HistoriesSource } from './read-histories.ts'
import { parts, type Split } from './splits.ts'
import { topLists, type TopListsOptions } from './top-lists.ts'
import { trainModel } from './train.ts'
import { reasonAgainst, trainingSet, type TrainingSet } from './training-set.ts'
import { judged, named, ndcgOf } from './trial.ts'

export interface ImportFactorsOptions extends ModelShelf, Pick<HistoriesSource, 'faultOf' | 'faultOfUser'> {
  readonly factors: TrainedFactors
  readonly solver: Solver
  readonly features: Pick<FeatureStore, 'catalogue'>
  readonly foldSettings: FoldSettings
  readonly gateShare: number
  /** Names the version: unique for ever, ascending by time, such as a ULID. */
  readonly run: string
  readonly owner: string
  /** False: judged only. */
  readonly publish: boolean
  readonly lists?: Pick<TopListsOptions, 'activeUsers' | 'length'>
  readonly generationOf?: (version: string) => string
}

export interface ImportFactorsReport {
  readonly version: string
  readonly trainer: string
  readonly published: boolean
  readonly users: number
  readonly items: number
  readonly interactions: number
  /** Users the gate judged by. */
  readonly judged: number
  readonly decision: GateDecision
  /** As of a training: of the factors by name, of popularity and of the model in service with their prefixes. */
  readonly metrics: Readonly<Record<string, number>>
}

/** As many as a training's gate asks. */
const mostUsers = 2_000

/**
 * Registers item factors that were fitted elsewhere to exported interactions, behind the gate of a training: what was
 * fitted without the held-out rows is judged on them, beside popularity and the settings of the model in service fitted to
 * the same rows. What was fitted to all rows is then published and switched to. Throws `conflict` when another training
 * runs or the log no longer gives what was exported, `training-impossible` when the held-out rows can judge nothing.
 */
export async function importFactors(options: ImportFactorsOptions): Promise<ImportFactorsReport> {
  const claim = await claimTraining(options)
  if (claim === undefined) throw new MillraceError('conflict', 'another training is under way', { retriable: true })
  let reason = 'failed'
  try {
    const report = await importUnderClaim(options, claim)
    reason = report.published ? 'published' : report.decision.type === 'refuse' ? 'refused' : 'not to be published'
    return report
  } finally {
    await claim.release(reason)
  }
}

async function importUnderClaim(options: ImportFactorsOptions, claim: TrainingClaim): Promise<ImportFactorsReport> {
  const { factors, foldSettings, run, gateShare, publish } = options
  const { manifest } = factors
  const histories = await readHistories({ ...options, settings: foldSettings, to: manifest.export.positions })
  const split = splitFor(histories, manifest.export.holdout)
  refuseOther(histories, split, manifest.export)
  await claim.keep()
  const { scores, metrics, users } = await judge(options, histories, split, claim)
  const decision = decideGate(scores, gateShare)
  const published = publish && decision.type === 'publish'
  if (published) await publishFactors(options, claim, metrics)
  const { interactions } = manifest.full
  const fitted = { users: manifest.full.users, items: factors.full.itemIds.length, interactions }
  return { version: run, trainer: manifest.trainer, published, ...fitted, judged: users, decision, metrics }
}

/** The rows that were held out must be those that are held out here, or the factors would be judged on what they know. */
function refuseOther({ items }: Histories, split: Split, exported: TrainedFactors['manifest']['export']): void {
  const found = { rows: items.length, heldOut: split.filter((part) => part === parts.heldOut).length }
  if (found.rows === exported.rows && found.heldOut === exported.heldOut) return
  throw new MillraceError('conflict', 'the log no longer gives the interactions that were exported: export again', {
    facts: { ...found, exported: { rows: exported.rows, heldOut: exported.heldOut } },
  })
}

async function judge(options: ImportFactorsOptions, histories: Histories, split: Split, claim: TrainingClaim) {
  const { factors, foldSettings, solver } = options
  const setFor = (shape: Pick<TrainingSettings, 'weightExponent' | 'halfLifeDays'>) =>
    sampled(evaluationSet(histories, foldSettings, split, shape), mostUsers)
  const set = setFor(factors.manifest)
  refuseUnjudged(set)
  const trial = modelOfFactors(factors, 'trial', { version: 'trial', countOf: () => 0 })
  const { seed } = defaultTrainingSettings
  const candidate = await judged(set, modelScorer(solver, trial, set.train), seed)
  const popularity = await judged(set, popularityScorer(set.train), seed)
  const incumbent = await incumbentSettings(options)
  const other = incumbent && (await judgedAsFitted(options, incumbent, setFor(incumbent)))
  await claim.keep()
  return {
    users: set.tests.length,
    scores: { candidate: ndcgOf(candidate), incumbent: other && ndcgOf(other), popularity: ndcgOf(popularity) },
    metrics: {
      ...named('', candidate),
      ...named('popularity.', popularity),
      ...(other !== undefined && named('incumbent.', other)),
    },
  }
}

function refuseUnjudged({ train, tests }: EvaluationSet): void {
  const reason = reasonAgainst(train) ?? (tests.length === 0 ? 'nothing that was held out can be ranked' : undefined)
  if (reason === undefined) return
  throw new MillraceError('training-impossible', `the factors cannot be judged: ${reason}; hold out others`)
}

/** Of the model in service, with the iterations that made it: no stopping where the held-out rows like it best. */
async function incumbentSettings(options: ImportFactorsOptions): Promise<FitSettings | undefined> {
  const { serving } = await readModelLife(options)
  const manifest = serving === undefined ? undefined : await options.registry.get(serving.version)
  if (manifest === undefined) return undefined
  const { iterationsRun } = manifest.settings
  return { ...settingsOf(manifest), ...(typeof iterationsRun === 'number' && { iterations: iterationsRun }) }
}

async function judgedAsFitted(
  { solver, clock }: ImportFactorsOptions,
  settings: FitSettings,
  set: EvaluationSet,
): Promise<RankingMetrics> {
  const { model } = await trainModel({ solver, clock, set: set.train, settings, version: 'incumbent' })
  return judged(set, modelScorer(solver, model, set.train), settings.seed)
}

/** Lists are made of the log as it is now: who was erased since the export is in none. */
async function publishFactors(
  options: ImportFactorsOptions,
  claim: TrainingClaim,
  metrics: Readonly<Record<string, number>>,
): Promise<void> {
  const { factors, clock, run, foldSettings, generationOf = (version) => version } = options
  const { manifest } = factors
  const { trainer, k, alpha0, lambda, nu, weightExponent, halfLifeDays, iterations, seed, seconds } = manifest
  const set = trainingSet(await readHistories({ ...options, settings: foldSettings }), foldSettings, {
    shape: manifest,
  })
  await claim.keep()
  const catalogue = await readCatalogue(options.features)
  const fitted = modelOfFactors(factors, 'full', { version: run, countOf: countsOf(set) })
  const { solver } = options
  const { model } = await withContent({ solver, model: fitted, set, catalogue, seed })
  const lists = await topLists({ ...options.lists, solver, model, set, catalogue })
  await claim.confirm()
  const { positions } = manifest.export
  const facts = {
    createdAt: clock.now(),
    settings: { trainer, factors: k, alpha0, lambda, nu, weightExponent, halfLifeDays, iterations, seed },
    metrics,
    positions,
    users: manifest.full.users,
    items: model.items,
    interactions: manifest.full.interactions,
    seconds,
  }
  const { version } = await publishModel(options, { run, model, lists, facts })
  await switchTo(options, { version, generation: generationOf(version), positions, reason: 'imported' })
}

function countsOf({ itemIds, byItem }: TrainingSet): (itemId: string) => number {
  const counts = new Map(itemIds.map((itemId, item) => [itemId, byItem.starts[item + 1]! - byItem.starts[item]!]))
  return (itemId) => counts.get(itemId) ?? 0
}

async function readCatalogue(features: Pick<FeatureStore, 'catalogue'>): Promise<Map<string, Item>> {
  const catalogue = new Map<string, Item>()
  for await (const entries of features.catalogue()) for (const { itemId, item } of entries) catalogue.set(itemId, item)
  return catalogue
}
