import { isMillraceError } from '#schemas/errors.ts'
import type { RankedList } from '#schemas/models/ranked-list.ts'
import type { FitSettings } from '#schemas/models/training-settings.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { CatalogueEntry } from '#schemas/ports/feature-store.ts'
import type { OpenRankingView } from '#schemas/ports/ranking-view.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { withContent } from '../content.ts'
import type { Histories } from '../histories.ts'
import { parts, timeSplit, type Split } from '../splits.ts'
import { trainModel } from '../train.ts'
import { reasonAgainst, trainingSet } from '../training-set.ts'
import { drawnLists } from './drawn-lists.ts'

export interface DrawnFromHistoryOptions {
  readonly histories: Histories
  readonly settings: FoldSettings
  readonly training: FitSettings
  readonly solver: Solver
  readonly clock: Pick<Clock, 'now'>
  readonly catalogue: readonly CatalogueEntry[]
  readonly openView: OpenRankingView
  /** Share of the events, the newest, whose moments lists are drawn at: the model is fitted to those before. */
  readonly drawnShare: number
  /** About so many lists. */
  readonly drawn: number
  readonly onProgress?: () => void | Promise<void>
}

/** {@link drawnLists} at moments that the model has not seen. None where the times of the history are not those of its events. */
export async function drawnFromHistory(options: DrawnFromHistoryOptions): Promise<RankedList[]> {
  const { histories, settings, training, solver, clock, catalogue, openView, drawn, drawnShare, onProgress } = options
  const split = splitByTime(histories, drawnShare)
  if (split === undefined) return []
  const keep = (entry: number) => split[entry] === parts.training
  const set = trainingSet(histories, settings, { keep, shape: training })
  if (reasonAgainst(set) !== undefined) return []
  const fit = { solver, clock, set, settings: training, version: 'trial' }
  const { model } = await trainModel({ ...fit, onProgress: () => onProgress?.() })
  const items = new Map(catalogue.map(({ itemId, item }) => [itemId, item]))
  const whole = await withContent({ solver, model, set, catalogue: items, seed: training.seed })
  const view = await openView({ model: whole.model, catalogue })
  try {
    const lists = { histories, settings, split, view, lists: drawn, seed: training.seed }
    return await drawnLists({ ...lists, ...(onProgress !== undefined && { onProgress }) })
  } finally {
    await view.close()
  }
}

function splitByTime(histories: Histories, share: number): Split | undefined {
  try {
    return timeSplit(histories, share)
  } catch (error) {
    if (isMillraceError(error, 'time-split-impossible')) return undefined
    throw error
  }
}
