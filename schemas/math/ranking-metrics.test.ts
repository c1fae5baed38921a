import { describe, expect, test } from 'vitest'
import { averagePrecisionAt, hitRateAt, ndcgAt, recallAt, reciprocalRankAt } from './ranking-metrics.ts'

describe('ranking metrics', () => {
  const ranking = Uint32Array.of(7, 3, 9, 1, 5)
  const relevant = new Set([3, 1, 100])

  test('NDCG discounts by the logarithm of the place, against an ideal list', () => {
    const ideal = 1 + 1 / Math.log2(3) + 1 / 2
    expect(ndcgAt(ranking, relevant, 5)).toBeCloseTo((1 / Math.log2(3) + 1 / Math.log2(5)) / ideal, 12)
    expect(ndcgAt(ranking, relevant, 2)).toBeCloseTo(1 / Math.log2(3) / (1 + 1 / Math.log2(3)), 12)
    expect(ndcgAt([3, 1, 100, 4], relevant, 4)).toBe(1)
  })

  test('recall divides by what could have been found', () => {
    expect(recallAt(ranking, relevant, 5)).toBeCloseTo(2 / 3, 12)
    expect(recallAt(ranking, relevant, 2)).toBe(1 / 2)
    expect(recallAt([3, 1], relevant, 2)).toBe(1)
  })

  test('hit rate, reciprocal rank and average precision look at the first k', () => {
    expect([hitRateAt(ranking, relevant, 1), hitRateAt(ranking, relevant, 2)]).toEqual([0, 1])
    expect([reciprocalRankAt(ranking, relevant, 1), reciprocalRankAt(ranking, relevant, 5)]).toEqual([0, 1 / 2])
    expect(averagePrecisionAt(ranking, relevant, 5)).toBeCloseTo((1 / 2 + 2 / 4) / 3, 12)
    expect(averagePrecisionAt(ranking, relevant, 2)).toBeCloseTo(1 / 2 / 2, 12)
  })

  test('nothing relevant, or an empty list, is 0 and never NaN', () => {
    for (const metric of [ndcgAt, recallAt, hitRateAt, reciprocalRankAt, averagePrecisionAt]) {
      expect(metric(ranking, new Set(), 5)).toBe(0)
      expect(metric([], relevant, 5)).toBe(0)
      expect(metric(ranking, relevant, 0)).toBe(0)
    }
  })
})
