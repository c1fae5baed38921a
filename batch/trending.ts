import { decay } from '#schemas/math/exp2.ts'
import type { Histories } from './histories.ts'
import type { Scorer } from './rankers.ts'
import { parts, type Split } from './splits.ts'
import type { TrainingSet } from './training-set.ts'

/**
 * Popularity of late: Σ 2^(−(T − t) / half-life) over the training events of an item, T the time of the newest of all.
 * The same for everybody. Where events have no times of their own it is popularity.
 */
export function trendingScorer(
  histories: Histories,
  split: Split,
  { columnOfItem, itemIds }: TrainingSet,
  halfLifeMs: number,
): Scorer {
  const { items, times } = histories
  const isTraining = (entry: number) => split[entry] === parts.training
  const newest = times.reduce((latest, time, entry) => (isTraining(entry) ? Math.max(latest, time) : latest), -Infinity)
  const trend = new Float64Array(itemIds.length)
  for (const [entry, item] of items.entries()) {
    const column = columnOfItem[item]!
    if (isTraining(entry) && column !== -1) trend[column]! += decay((newest - times[entry]!) / halfLifeMs)
  }
  return () => Float32Array.from(trend)
}
