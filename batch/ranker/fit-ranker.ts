import { learnList, learnSampled, type RankedList } from '#schemas/models/ranked-list.ts'
import {
  blankRanker,
  blendWeights,
  defaultScoreWeights,
  positionWeightOf,
  weightsOf,
  type Ranker,
} from '#schemas/models/ranker.ts'
import type { Model } from '#schemas/models/model.ts'
import type { FitSettings } from '#schemas/models/training-settings.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { CatalogueEntry } from '#schemas/ports/feature-store.ts'
import type { OpenRankingView } from '#schemas/ports/ranking-view.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { Histories } from '../histories.ts'
import { drawnFromHistory } from './drawn-from-history.ts'
import { calibrationOf, judgeRanking, learnedWeights } from './judge-ranking.ts'
import { shownLists, type ShownListsOptions } from './shown-lists.ts'

export interface FitRankerOptions extends Omit<ShownListsOptions, 'asOf'> {
  readonly solver: Solver
  readonly clock: Pick<Clock, 'now'>
  readonly histories: Histories
  readonly catalogue: readonly CatalogueEntry[]
  /** Of the model that the ranker is to serve with. */
  readonly training: FitSettings
  readonly openView: OpenRankingView
  /** What ranks now, and since when; undefined before the first model. */
  readonly serving?: ServingRanking | undefined
  readonly limits?: Partial<RankerLimits>
  /** Awaited often: a rejection ends the fit. */
  readonly onProgress?: () => void | Promise<void>
}

export interface ServingRanking {
  readonly model: Model
  /** Undefined: the fixed blend. */
  readonly ranker: Ranker | undefined
  readonly createdAt: number
}

export interface RankerLimits {
  /** Share of the events, the newest, whose moments lists are drawn at. */
  readonly drawnShare: number
  /** Lists drawn, about. */
  readonly drawn: number
  /** Share of the lists, the newest, that the gate judges by. */
  readonly judgedShare: number
  /** Fewer lists with something taken judge nothing. */
  readonly fewestTaken: number
  /** With more interactions on the log the features of lists are those that serving recorded: rows are not held in memory. */
  readonly mostViewed: number
}

export const defaultRankerLimits: RankerLimits = {
  drawnShare: 0.1,
  drawn: 3_000,
  judgedShare: 0.25,
  fewestTaken: 100,
  mostViewed: 5_000_000,
}

/** How often drawn lists are gone through. */
const epochs = 5

export interface FittedRanker {
  /** What is to rank with the new model; undefined for the fixed blend. */
  readonly ranker: Ranker | undefined
  /** `kept`: what ranks now ranks on, since the new one was worse (`refused`) or nothing could judge it (`unmeasured`). */
  readonly decision: 'learned' | 'refused' | 'unmeasured'
  /** By name, for the manifest; empty where nothing could be judged. */
  readonly metrics: Readonly<Record<string, number>>
}

/**
 * Fits the ranker anew, and judges it beside what ranks now: first on lists drawn from the history (`drawnLists`), which
 * is all there is in a cold shop, then on the lists that were shown, in their order, by the fold that goes on learning
 * online. The gate: on later lists, which neither has seen, its NDCG@10 must not be lower than that of the ranking in
 * service. Later lists are shown ones where enough came of them, drawn ones else.
 */
export async function fitRanker(options: FitRankerOptions): Promise<FittedRanker> {
  const { serving, training } = options
  const drawn = await drawnFromHistory({ ...options, ...limitsOf(options) })
  const shown = await shownAsServed(options)
  const judged = laterLists(options, drawn, shown)
  if (judged === undefined) return { ranker: serving?.ranker, decision: 'unmeasured', metrics: {} }
  const { later, from, kind } = judged
  const before = ({ at }: RankedList) => at < from
  const trial = weightsOf(learnRanker(drawn.filter(before), shown.filter(before)))
  const judging = { positionWeight: kind === 'shown' ? positionWeightOf(trial) : 0, seed: training.seed }
  const incumbentWeights =
    serving?.ranker === undefined ? () => blendWeights(defaultScoreWeights) : learnedWeights(weightsOf(serving.ranker))
  const candidate = judgeRanking(later, learnedWeights(trial), judging).value
  const incumbent = judgeRanking(later, incumbentWeights, judging).value
  const metrics = {
    'ranker.ndcg@10': candidate,
    'ranker.incumbent.ndcg@10': incumbent,
    'ranker.calibrationError': calibrationOf(later, trial).expectedError,
    'ranker.lists.shown': shown.length,
    'ranker.lists.drawn': drawn.length,
  }
  if (candidate < incumbent) return { ranker: serving?.ranker, decision: 'refused', metrics }
  return { ranker: learnRanker(drawn, shown), decision: 'learned', metrics }
}

/** Learns drawn lists again and again, then shown ones once, in their order, as online. */
export function learnRanker(drawn: readonly RankedList[], shown: readonly RankedList[]): Ranker {
  const ranker = blankRanker(shareTaken(drawn.length > 0 ? drawn : shown))
  for (let epoch = 0; epoch < epochs; epoch++) for (const list of drawn) learnSampled(ranker, list, epochs, epoch)
  for (const list of shown) learnList(ranker, list)
  return ranker
}

/** Strictly between 0 and 1. */
function shareTaken(lists: readonly RankedList[]): number {
  let taken = 1
  let all = 2
  for (const { labels } of lists) {
    for (const label of labels) taken += label
    all += labels.length
  }
  return taken / all
}

/** Lists after what the ranking in service has learned from: it would be judged on what it has seen. */
function laterLists(
  options: FitRankerOptions,
  drawn: readonly RankedList[],
  shown: readonly RankedList[],
): { readonly later: readonly RankedList[]; readonly from: number; readonly kind: 'shown' | 'drawn' } | undefined {
  const { judgedShare, fewestTaken } = limitsOf(options)
  const seenTo = options.serving?.ranker === undefined ? -Infinity : options.serving.createdAt
  for (const [kind, lists] of [
    ['shown', shown],
    ['drawn', drawn],
  ] as const) {
    const first = lists[Math.floor(lists.length * (1 - judgedShare))]
    if (first === undefined) continue
    const from = Math.max(first.at, seenTo)
    const later = lists.filter(({ at }) => at >= from)
    if (later.filter(({ labels }) => labels.includes(1)).length >= fewestTaken) return { later, from, kind }
  }
  return undefined
}

function limitsOf({ limits }: Pick<FitRankerOptions, 'limits'>): RankerLimits {
  return { ...defaultRankerLimits, ...limits }
}

async function shownAsServed(options: FitRankerOptions): Promise<RankedList[]> {
  const { serving, histories, catalogue, openView } = options
  const { mostViewed } = limitsOf(options)
  if (serving === undefined || histories.items.length > mostViewed) return shownLists(options)
  const { model } = serving
  const view = await openView({ model, catalogue })
  try {
    return await shownLists({ ...options, asOf: { version: model.version, view } })
  } finally {
    await view.close()
  }
}
