import { describe, expect, it } from 'vitest'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { evaluationSet } from './evaluation-set.ts'
import { historiesOf } from './histories.fixture.ts'
import { measureRanker } from './measure.ts'
import { popularityRanker } from './rankers.ts'

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
    const said = set.tests.map(({ row, relevant }) => [
      set.train.userIds[row],
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
    const ranked = popularityRanker(set.train)(set.tests[0]!, 10)
    expect(Array.from(ranked, (column) => set.train.itemIds[column])).toEqual(['b', 'c', 'd'])
  })

  it('scores as worked out by hand', async () => {
    const metrics = await measureRanker(set, popularityRanker(set.train), [1, 3])
    expect(metrics['ndcg@1']!.value).toBe(0.5)
    expect(metrics['hitrate@1']!.value).toBe(0.5)
    expect(metrics['recall@3']!.value).toBe(1)
    expect(metrics['mrr@3']!.value).toBeCloseTo((1 + 1 / 3) / 2)
    expect(metrics['ndcg@3']!.value).toBeCloseTo((1 + 1 / 2) / 2)
    expect(metrics['coverage@1']!.value).toBe(0.25)
    expect(metrics['coverage@3']!.value).toBe(0.75)
  })
})
