/** A list of rows, best first, without repeats. */
export type Ranking = ArrayLike<number>

/**
 * NDCG@k with gain 1 for what is relevant and discount 1/log2(place + 1), places from 1; the ideal list holds
 * min(k, relevant) of them. 0 when nothing is relevant.
 */
export function ndcgAt(ranking: Ranking, relevant: ReadonlySet<number>, k: number): number {
  let gained = 0
  let ideal = 0
  for (let place = 1; place <= k; place++) {
    const discount = 1 / Math.log2(place + 1)
    if (place <= relevant.size) ideal += discount
    if (isRelevant(ranking, place, relevant)) gained += discount
  }
  return ideal === 0 ? 0 : gained / ideal
}

/**
 * Recall@k: relevant ones among the first k, divided by min(k, relevant), so that a perfect list scores 1 (as in Rendle
 * et al. 2021 and Liang et al. 2018; dividing by all relevant ones could not).
 */
export function recallAt(ranking: Ranking, relevant: ReadonlySet<number>, k: number): number {
  const most = Math.min(k, relevant.size)
  return most === 0 ? 0 : hits(ranking, relevant, k) / most
}

/** 1 when at least one of the first k is relevant. */
export function hitRateAt(ranking: Ranking, relevant: ReadonlySet<number>, k: number): number {
  return hits(ranking, relevant, k) > 0 ? 1 : 0
}

/** 1 / place of the first relevant one among the first k; 0 without one. */
export function reciprocalRankAt(ranking: Ranking, relevant: ReadonlySet<number>, k: number): number {
  for (let place = 1; place <= k; place++) if (isRelevant(ranking, place, relevant)) return 1 / place
  return 0
}

/** Mean over min(k, relevant) of the precision at the place of each relevant one among the first k. */
export function averagePrecisionAt(ranking: Ranking, relevant: ReadonlySet<number>, k: number): number {
  const most = Math.min(k, relevant.size)
  if (most === 0) return 0
  let found = 0
  let sum = 0
  for (let place = 1; place <= k; place++) {
    if (!isRelevant(ranking, place, relevant)) continue
    found++
    sum += found / place
  }
  return sum / most
}

function hits(ranking: Ranking, relevant: ReadonlySet<number>, k: number): number {
  let found = 0
  for (let place = 1; place <= k; place++) if (isRelevant(ranking, place, relevant)) found++
  return found
}

function isRelevant(ranking: Ranking, place: number, relevant: ReadonlySet<number>): boolean {
  const row = ranking[place - 1]
  return row !== undefined && relevant.has(row)
}
