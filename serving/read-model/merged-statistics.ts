import { decay } from '#schemas/math/exp2.ts'
import type { CoViewCounter, ItemStatistics } from '#schemas/rows/item-statistics.ts'
import { weightOf, type FoldSettings } from '#schemas/settings.ts'

export interface CoView {
  readonly itemId: string
  /** Lower bound of how often it was consumed just before: count − error. */
  readonly count: number
}

/** How much an item was consumed, in all source partitions together. */
export interface ItemCounts {
  /** Time of the newest event; `fast` and `slow` are decayed to it. */
  readonly time: number
  /** Positive interactions, decayed by the fast and the slow half-life. */
  readonly fast: number
  readonly slow: number
  /** Positive interactions of all time. */
  readonly total: number
}

/** What all source partitions together know about one item. Who consumed it is not kept. */
export interface MergedStatistics extends ItemCounts {
  /** What came just before it, the most frequent first; equal counts by id. */
  readonly coViews: readonly CoView[]
}

/** Items kept that came just before an item. */
const coViewsKept = 100

/**
 * Merges an item's partial rows, given in partition order. An interaction type counts as positive when its weight is;
 * a rating counts when the middle of its scale does, for the counts do not tell one rating from another.
 */
export function mergeStatistics(
  partial: readonly Readonly<ItemStatistics>[],
  settings: FoldSettings,
): MergedStatistics {
  let time = 0
  for (const row of partial) if (row.time > time) time = row.time
  let fast = 0
  let slow = 0
  let total = 0
  for (const row of partial) {
    const fastDecay = decay((time - row.time) / settings.fastHalfLifeMs)
    const slowDecay = decay((time - row.time) / settings.slowHalfLifeMs)
    for (const counter of row.actions) {
      if (!isPositive(counter.action, settings)) continue
      fast += counter.fast * fastDecay
      slow += counter.slow * slowDecay
      total += counter.total
    }
  }
  return { time, fast, slow, total, coViews: mergeCoViews(partial) }
}

function isPositive(action: string, settings: FoldSettings): boolean {
  const { min, max } = settings.ratingScale
  return weightOf(settings, { action, value: (min + max) / 2 }) > 0
}

function mergeCoViews(partial: readonly Readonly<ItemStatistics>[]): CoView[] {
  const counts = new Map<string, number>()
  for (const row of partial) {
    for (const [itemId, counter] of row.coViews) counts.set(itemId, (counts.get(itemId) ?? 0) + lowerBound(counter))
  }
  const sure: CoView[] = []
  for (const [itemId, count] of counts) if (count > 0) sure.push({ itemId, count })
  sure.sort((a, b) => b.count - a.count || (a.itemId < b.itemId ? -1 : 1))
  return sure.slice(0, coViewsKept)
}

function lowerBound(counter: CoViewCounter): number {
  return counter.count - counter.error
}
