import { MillraceError } from '#schemas/errors.ts'
import { multiplyRows } from '#schemas/math/vector.ts'
import { encodeEncoder, refuseMisshapen, specOf, type ImportedModel } from '#schemas/models/imported-model.ts'
import { plainContent } from '#schemas/models/content-features.ts'
import type { Model } from '#schemas/models/model.ts'
import { defaultTrainingSettings } from '#schemas/models/training-settings.ts'
import type { CatalogueEntry } from '#schemas/ports/feature-store.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { OpenUserEncoder, UserEncoder } from '#schemas/ports/user-encoder.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { defaultContentSettings } from './content-choice.ts'
import { withContent } from './content.ts'
import { evaluationSet, type EvaluationSet } from './evaluation-set.ts'
import { decideGate, type GateDecision } from './gate.ts'
import type { Histories } from './histories.ts'
import { sampled } from './holdout.ts'
import { settingsOf } from './manifest-settings.ts'
import { measureLists, type RankingMetrics } from './measure.ts'
import { readModelLife } from './model-topic.ts'
import { publishModel, switchTo, type ModelShelf } from './publish.ts'
import { modelScorer, popularityScorer, rankerOf, type Ranker } from './rankers.ts'
import { rankTests } from './rankings.ts'
import { parts, type Split } from './splits.ts'
import { topLists } from './top-lists.ts'
import { trainModel } from './train.ts'
import { reasonAgainst, userPreferences, type TrainingSet } from './training-set.ts'

export interface ImportModelOptions extends ModelShelf {
  readonly imported: ImportedModel
  readonly openEncoder: OpenUserEncoder
  readonly solver: Solver
  readonly histories: Histories
  readonly catalogue: readonly CatalogueEntry[]
  readonly foldSettings: FoldSettings
  /** Names the version: unique for ever, ascending by time. */
  readonly run: string
  /** False: it is judged, and not registered. */
  readonly publish: boolean
  readonly generationOf: (version: string) => string
}

export interface ImportReport {
  readonly version: string
  readonly published: boolean
  readonly decision: GateDecision
  /** Users judged: those who came to like something of both models' items after `trainedTo`. */
  readonly users: number
  /** As of a training: of the import by name, of the model in service as `incumbent.…`, and of popularity. */
  readonly metrics: Readonly<Record<string, number>>
}

const judgedAt = 10
const mostUsers = 2_000
const seed = defaultTrainingSettings.seed

/**
 * Registers a model that was trained elsewhere, behind the gate of our own: it is judged on the events after the time it
 * says it has seen, beside the settings of the model in service fitted to those before. Published and switched to when it
 * holds up; a rollback goes back as from any model.
 */
export async function importModel(options: ImportModelOptions): Promise<ImportReport> {
  const { imported, openEncoder, foldSettings, histories, run } = options
  refuseMisshapen(imported)
  const encoder = await openEncoder(imported.encoder, specOf(imported))
  try {
    const split = splitAt(histories, Date.parse(imported.manifest.trainedTo))
    const incumbent = await incumbentSettings(options)
    const shape = incumbent ?? defaultTrainingSettings
    const whole = evaluationSet(histories, foldSettings, split, shape)
    refuseUnjudged(whole)
    const set = sampled(whole, mostUsers)
    const rank = await importedRanker(options, encoder, set, split)
    const candidate = await judged(set, rank)
    const other = incumbent && (await judged(set, await fittedRanker(options, set, incumbent)))
    const popularity = await judged(set, rankerOf(popularityScorer(set.train)))
    const scores = { candidate: ndcgOf(candidate), incumbent: other && ndcgOf(other), popularity: ndcgOf(popularity) }
    const decision = decideGate(scores, incumbent?.gateShare ?? defaultTrainingSettings.gateShare)
    const metrics = {
      ...named('', candidate),
      ...named('popularity.', popularity),
      ...(other !== undefined && named('incumbent.', other)),
    }
    const published = options.publish && decision.type === 'publish'
    const model = published ? await servedAs(options, whole.train) : undefined
    if (model !== undefined) await publishImported(options, model, set, metrics)
    return { version: run, published, decision, users: set.tests.length, metrics }
  } finally {
    await encoder.close()
  }
}

function refuseUnjudged({ train, tests }: EvaluationSet): void {
  const reason = reasonAgainst(train) ?? (tests.length === 0 ? 'nothing after trainedTo can be ranked' : undefined)
  if (reason === undefined) return
  throw new MillraceError('training-impossible', `the imported model cannot be judged: ${reason}`)
}

function splitAt({ times }: Histories, from: number): Split {
  return Uint8Array.from(times, (time) => (time > from ? parts.heldOut : parts.training))
}

async function incumbentSettings(options: ImportModelOptions) {
  const { serving } = await readModelLife(options)
  const manifest = serving === undefined ? undefined : await options.registry.get(serving.version)
  return manifest === undefined || manifest.encoder !== undefined ? undefined : settingsOf(manifest)
}

/** Each test user encoded from what they did before, in its order; the import's items that the training part has compete. */
async function importedRanker(
  { imported, histories, foldSettings }: ImportModelOptions,
  encoder: UserEncoder,
  set: EvaluationSet,
  split: Split,
): Promise<Ranker> {
  const rows = new Map(imported.itemIds.map((itemId, row) => [itemId, row]))
  const wanted = new Set(set.tests.map(({ userId }) => userId))
  const vectors = new Map<string, Float32Array>()
  const keep = (entry: number) => split[entry] === parts.training
  for (const { user, items, weights } of userPreferences(histories, foldSettings, { keep, shape: importedShape })) {
    const userId = histories.userIds[user]!
    if (!wanted.has(userId)) continue
    const history = Array.from(items, (item, i) => ({ row: rows.get(histories.itemIds[item]!), weight: weights[i]! }))
    vectors.set(
      userId,
      await encoder.encode(history.flatMap(({ row, weight }) => (row === undefined ? [] : [{ row, weight }]))),
    )
  }
  const columns = Array.from(set.train.itemIds, (itemId) => rows.get(itemId))
  const scores = new Float32Array(imported.itemIds.length)
  return (user, k) => {
    const vector = vectors.get(user.userId)
    if (vector === undefined) return new Uint32Array(0)
    multiplyRows(scores, imported.itemVectors, 0, scores.length, Float64Array.from(vector))
    return rankerOf(() => Float32Array.from(columns, (row) => (row === undefined ? NaN : scores[row]!)))(user, k)
  }
}

async function fittedRanker(
  { solver, clock }: ImportModelOptions,
  { train }: EvaluationSet,
  settings: ReturnType<typeof settingsOf>,
): Promise<Ranker> {
  const { model } = await trainModel({ solver, clock, set: train, settings, version: 'incumbent' })
  return rankerOf(modelScorer(solver, model, train))
}

async function judged(set: EvaluationSet, rank: Ranker): Promise<RankingMetrics> {
  const at = [judgedAt]
  return measureLists({ ...set, rankings: await rankTests(set, rank, at) }, { at, seed })
}

/** Weights as they are and without age: what a model trained elsewhere knows of ours is the order. */
export const importedShape = { weightExponent: 1, halfLifeDays: 0 } as const

/** Its items as a model of ours: with a projection from content for new ones. Its items keep their vectors for ever. */
async function servedAs({ imported, run, catalogue, solver }: ImportModelOptions, set: TrainingSet): Promise<Model> {
  const { itemIds, itemVectors, manifest } = imported
  const { alpha0, lambda, nu } = defaultTrainingSettings
  const { k } = manifest
  const gramian = await solver.gramian({ rows: itemIds.length, k, data: itemVectors })
  const model = {
    version: run,
    k,
    alpha0,
    lambda,
    nu,
    ...importedShape,
    items: itemIds.length,
    users: 0,
    gramian,
    userGramian: new Float64Array(k * k),
    itemIds,
    itemFactors: itemVectors,
    itemCounts: new Uint32Array(itemIds.length).fill(0xffffffff),
    content: new Float32Array(0),
    contentSpace: plainContent,
    profile: new Float32Array(0),
  }
  const items = new Map(catalogue.map(({ itemId, item }) => [itemId, item]))
  return (await withContent({ solver, model, set, catalogue: items, seed, settings: defaultContentSettings })).model
}

async function publishImported(
  options: ImportModelOptions,
  model: Model,
  { train }: EvaluationSet,
  metrics: Readonly<Record<string, number>>,
): Promise<void> {
  const { imported, histories, catalogue, clock, blobs, run, generationOf, solver } = options
  const items = new Map(catalogue.map(({ itemId, item }) => [itemId, item]))
  // Lists of users are made by fold-in, which is not this model's own: only those of categories.
  const lists = await topLists({ solver, model, set: train, catalogue: items, activeUsers: 0 })
  const { positions } = histories
  const facts = {
    createdAt: clock.now(),
    settings: { imported: imported.manifest.name, trainedTo: imported.manifest.trainedTo, ...importedShape },
    metrics,
    positions,
    users: train.userIds.length,
    items: model.items,
    interactions: train.byUser.indices.length,
    seconds: 0,
  }
  const encoder = await blobs.put(encodeEncoder({ spec: specOf(imported), onnx: imported.encoder }))
  const { version } = await publishModel(options, { run, model, lists, encoder, facts })
  await switchTo(options, { version, generation: generationOf(version), positions, reason: 'imported' })
}

function ndcgOf(metrics: RankingMetrics): number {
  return metrics[`ndcg@${judgedAt}`]!.value
}

function named(prefix: string, metrics: RankingMetrics): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [`${prefix}${name}`, value]))
}
