import type { Ranking } from './ranking-metrics.ts'

/** For each of `items` items, the lists that have it among their first k. */
export function exposureAt(rankings: Iterable<Ranking>, items: number, k: number): Uint32Array {
  const exposure = new Uint32Array(items)
  for (const ranking of rankings) {
    for (let at = 0; at < Math.min(k, ranking.length); at++) exposure[ranking[at]!]!++
  }
  return exposure
}

/** Share of the items that at least one list shows. */
export function coverage(exposure: Uint32Array): number {
  if (exposure.length === 0) return 0
  return exposure.reduce((shown, lists) => shown + (lists > 0 ? 1 : 0), 0) / exposure.length
}

/**
 * Gini coefficient of the exposures e_1 ≤ … ≤ e_n: Σ_i (2i − n − 1) e_i / (n Σ_i e_i), i from 1. 0 when all items are
 * shown alike, 1 − 1/n when one item takes every place (Castells, Hurley, Vargas 2022, "Novelty and Diversity in
 * Recommender Systems").
 */
export function giniCoefficient(exposure: Uint32Array): number {
  const ascending = exposure.toSorted()
  const n = ascending.length
  let total = 0
  let weighted = 0
  for (let i = 0; i < n; i++) {
    total += ascending[i]!
    weighted += (2 * i + 1 - n) * ascending[i]!
  }
  return total === 0 ? 0 : weighted / (n * total)
}
