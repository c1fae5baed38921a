import { describe, expect, it } from 'vitest'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { evaluationSet } from './evaluation-set.ts'
import { historiesOf } from './histories.fixture.ts'
import { measureLists } from './measure.ts'
import { popularityScorer, rankerOf } from './rankers.ts'
import { rankTests } from './rankings.ts'

// a is liked by three, b and c by two each, d by one; held out: u likes b, v likes d.
const events = [
  { user: 'u', item: 'a', time: 1 },
  { user: 'v', item: 'a', time: 1 },
  { user: 'w', item: 'a', time: 1 },
  { user: 'w', item: 'b', time: 1 },
  { user: 'x', item: 'b', time: 1 },
  { user: 'x', item: 'c', time: 1 },
  { user: 'y', item: 'd', time: 1 },
  { user: 'z', item: 'c', time: 1 },
  { user: 'u', item: 'b', time: 2 },
  { user: 'v', item: 'd', time: 2 },
  { user: 'v', item: 'a', time: 2 },
  { user: 'w', item: 'c', action: 'dislike', time: 2 },
  { user: 'x', item: 'never seen before', time: 2 },
  { user: 'newcomer', item: 'a', time: 2 },
] as const

const histories = historiesOf(events)
const set = evaluationSet(
  histories,
  defaultFoldSettings,
  Uint8Array.from(histories.times, (time) => (time === 2 ? 1 : 0)),
)

describe('What is tested', () => {
  it('is what was liked in the held-out part, not met in training, and can be ranked', () => {
    const said = set.tests.map(({ userId, relevant }) => [
      userId,
      Array.from(relevant, (column) => set.train.itemIds[column]),
    ])
    expect(said).toEqual([
      ['u', ['b']],
      ['v', ['d']],
    ])
  })

  it('counts apart what no model can rank', () => {
    expect(set.cold).toEqual({ users: 1, interactions: 2 })
  })
})

describe('Popularity', () => {
  it('ranks by users in training, without what the user has seen', () => {
    const ranked = rankerOf(popularityScorer(set.train))(set.tests[0]!, 10)
    expect(Array.from(ranked, (column) => set.train.itemIds[column])).toEqual(['b', 'c', 'd'])
  })

  it('scores as worked out by hand', async () => {
    const metrics = await popularityMeasured([1, 3])
    expect(metrics['ndcg@1']!.value).toBe(0.5)
    expect(metrics['hitrate@1']!.value).toBe(0.5)
    expect(metrics['recall@3']!.value).toBe(1)
    expect(metrics['mrr@3']!.value).toBeCloseTo((1 + 1 / 3) / 2)
    expect(metrics['map@3']!.value).toBeCloseTo((1 + 1 / 3) / 2)
    expect(metrics['ndcg@3']!.value).toBeCloseTo((1 + 1 / 2) / 2)
    expect(metrics['coverage@1']!.value).toBe(0.25)
    expect(metrics['coverage@3']!.value).toBe(0.75)
    // The lists are b, c, d, of 6 users: b has been met by 2 of them, c by 3 (one dislikes it later), d by 1.
    expect(metrics['gini@1']!.value).toBe(0.75)
    expect(metrics['novelty@1']!.value).toBeCloseTo(Math.log2(6 / 2))
  })

  it('scores between its bounds, which two users leave wide', async () => {
    const metrics = await popularityMeasured([1, 3])
    for (const { value, low, high } of Object.values(metrics)) {
      expect(low).toBeLessThanOrEqual(value)
      expect(high).toBeGreaterThanOrEqual(value)
    }
    expect(metrics['ndcg@1']).toEqual({ value: 0.5, low: 0, high: 1 })
  })
})

async function popularityMeasured(at: readonly number[]) {
  const rankings = await rankTests(set, rankerOf(popularityScorer(set.train)), at)
  return measureLists({ ...set, rankings }, { at, seed: 1 })
}
