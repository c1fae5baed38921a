import { describe, expect, it } from 'vitest'
import type { RankedList } from '#schemas/models/ranked-list.ts'
import {
  columnOf,
  featureCount,
  positionFeature,
  positionWeightOf,
  weightsOf,
  type RankerFeature,
} from '#schemas/models/ranker.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { calibrationOf, judgeRanking, learnedWeights } from './judge-ranking.ts'
import { learnRanker } from './fit-ranker.ts'
import { mergedByTime } from './merged-by-time.ts'

/** Lists of ten, of which a user takes an item with a probability that grows with one feature and falls with the place. */
function lists(count: number, by: RankerFeature, seed: number): RankedList[] {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, at) => {
    const features = new Float64Array(10 * featureCount).map(() => random())
    const positions = Float64Array.from({ length: 10 }, (_, place) => positionFeature(place))
    const liked = (row: number) => 0.6 * features[row * featureCount + columnOf[by]]! * positions[row]!
    const labels = Uint8Array.from({ length: 10 }, (_, row) => (random() < liked(row) ? 1 : 0))
    return { at, known: 0.5, features, positions, labels }
  })
}

describe('Fitting the ranker', { timeout: 60_000 }, () => {
  it('finds what is taken by, orders later lists by it, and tells the probability at each place', () => {
    const weights = weightsOf(learnRanker([], lists(3_000, 'affinity', 1)))
    const later = lists(2_000, 'affinity', 2)
    const judging = { positionWeight: positionWeightOf(weights), seed: 1 }
    const byPlace = judgeRanking(later, () => new Float64Array(featureCount), judging).value
    const learned = judgeRanking(later, learnedWeights(weights), judging)
    expect(learned.low).toBeGreaterThan(byPlace)
    expect(calibrationOf(later, weights).expectedError).toBeLessThan(0.04)
    const strongest = Object.entries(columnOf).map(([name, column]) => ({ name, weight: Math.abs(weights[column]!) }))
    expect(strongest.sort((a, b) => b.weight - a.weight)[0]!.name).toBe('affinity')
  })

  it('counts what was taken at a place that few look at for more', () => {
    const [list] = lists(1, 'affinity', 3)
    const features = new Float64Array(10 * featureCount)
    features[9 * featureCount] = 1
    const labels = new Uint8Array(10)
    labels[0] = labels[9] = 1
    const lastFirst = () => Float64Array.from({ length: featureCount }, (_, i) => (i === 0 ? 1 : 0))
    const [plain, weighed] = [0, 3].map(
      (positionWeight) => judgeRanking([{ ...list!, features, labels }], lastFirst, { positionWeight, seed: 1 }).value,
    )
    const firstFirst = () => new Float64Array(featureCount)
    const other = judgeRanking([{ ...list!, features, labels }], firstFirst, { positionWeight: 3, seed: 1 }).value
    expect(plain).toBeCloseTo(1, 10)
    expect(weighed).toBeCloseTo(1, 10)
    expect(other).toBeLessThan(weighed!)
  })

  it('gives the same ranker for the same lists to the bit', () => {
    const [one, other] = [1, 1].map(() => learnRanker(lists(50, 'coView', 4), lists(50, 'coView', 5)))
    expect(one).toEqual(other)
  })
})

describe('Merging by time', () => {
  it('gives all elements in order, of equal times those of the earlier source first', async () => {
    async function* of(name: string, times: readonly number[]) {
      for (const time of times) yield { name, time }
    }
    const merged: string[] = []
    const sources = [of('a', [1, 4, 4]), of('b', []), of('c', [0, 4, 9])]
    for await (const { name, time } of mergedByTime(sources, (element) => element.time)) merged.push(`${name}${time}`)
    expect(merged).toEqual(['c0', 'a1', 'a4', 'a4', 'c4', 'c9'])
  })
})
