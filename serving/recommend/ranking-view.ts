import { mapRows } from '#schemas/fold/map-rows.ts'
import { foldInteractions } from '#schemas/fold/interactions.ts'
import { wholeHistory } from '#schemas/fold/whole-history.ts'
import { contentVector } from '#schemas/models/content-features.ts'
import { featureCount, knownShare } from '#schemas/models/ranker.ts'
import type { OpenRankingView, RankingView, ViewedCandidates } from '#schemas/ports/ranking-view.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { CreateVectorIndex } from '#schemas/ports/vector-index.ts'
import type { ItemStatistics } from '#schemas/rows/item-statistics.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { embeddings as ownVectors } from '../read-model/embeddings.ts'
import { items as knownItems } from '../read-model/items.ts'
import { mergeStatistics } from '../read-model/merged-statistics.ts'
import { serveModel } from '../read-model/served-model.ts'
import { gatherCandidates } from './candidates.ts'
import { admissible } from './hydrate.ts'
import { featuresInto } from './score.ts'
import { requestScratch } from './scratch.ts'
import { tasteOf } from './taste.ts'

export interface RankingViewOptions {
  readonly settings: FoldSettings
  readonly solver: Pick<Solver, 'foldIn'>
  readonly createIndex: CreateVectorIndex
}

/** Serving without requests: its read model over rows in memory, folded from the events it is told. */
export function rankingViews({ settings, solver, createIndex }: RankingViewOptions): OpenRankingView {
  return async ({ model, catalogue }): Promise<RankingView> => {
    const items = knownItems(settings)
    const embeddings = ownVectors({ createIndex, isBefore: items.isBefore, report: () => undefined })
    items.onChange((slot) => embeddings.set(slot, items.at(slot).entry?.item))
    for (const entry of catalogue) items.setEntry(entry.itemId, entry)
    embeddings.start()
    await embeddings.settled()
    const none = {
      lists: undefined,
      ranker: undefined,
      encoder: undefined,
      streaming: new Map<string, Float32Array>(),
      from: undefined,
      // There is no base of an index to fail with.
      report: () => undefined,
    }
    const name = { version: model.version, generation: '' }
    const served = await serveModel({ name, model, createdAt: 0, items, createIndex, contentVector, ...none })
    items.onChange((slot) => served.refresh(slot))
    const rows = mapRows()
    const scratch = requestScratch()
    /** Items whose rows have changed since they were read, with the partitions that have a row of theirs. */
    const stale = new Set<string>()
    const partitionsOf = new Map<string, Set<number>>()
    let features: Float64Array = new Float64Array(0)

    function refresh(): void {
      for (const itemId of stale) {
        const partial: Readonly<ItemStatistics>[] = []
        for (const partition of [...(partitionsOf.get(itemId) ?? [])].sort((a, b) => a - b)) {
          const row = rows.get('item-statistics', itemId, partition)
          if (row !== undefined) partial.push(row)
        }
        if (partial.length > 0) items.setStatistics(itemId, mergeStatistics(partial, settings))
      }
      stale.clear()
    }

    function touch(itemId: string, partition: number): void {
      stale.add(itemId)
      const partitions = partitionsOf.get(itemId)
      if (partitions === undefined) partitionsOf.set(itemId, new Set([partition]))
      else partitions.add(partition)
    }

    function viewed(userId: string, now: number): ViewedCandidates | undefined {
      const history = wholeHistory(rows, userId, settings.limits)
      if (history.length === 0) return undefined
      refresh()
      const taste = tasteOf({ history, isKept: true, model: served, items, settings, solver })
      scratch.begin(items.slots.size())
      for (const slot of taste.consumed) scratch.block(slot)
      const search = (_: unknown, query: Float32Array, k: number) => served.index.search(query, k)
      gatherCandidates(scratch, { taste, model: served, items, embeddings, within: undefined, search, now })
      const { candidates } = scratch
      const chosen = admissible(scratch, items, undefined)
      features = featuresInto(features, { candidates, taste, model: served, items }, chosen)
      const places = new Map(chosen.map((row, place) => [candidates.slots[row]!, place]))
      return {
        count: chosen.length,
        known: knownShare(history.length),
        itemId: (place) => items.slots.idOf(candidates.slots[chosen[place]!]!),
        rowOf(itemId) {
          const slot = items.slots.find(itemId)
          return slot === undefined ? undefined : places.get(slot)
        },
        features: features.subarray(0, chosen.length * featureCount),
      }
    }

    return {
      apply(event, at) {
        const outcome = foldInteractions(rows, event, at, settings)
        if (outcome.type === 'counted') touch(outcome.interaction.itemId, at.partition)
        if (outcome.type === 'erased') for (const itemId of outcome.items) touch(itemId, at.partition)
      },
      candidates: viewed,
      async close() {
        await served.close()
        await embeddings.stop()
      },
    }
  }
}
