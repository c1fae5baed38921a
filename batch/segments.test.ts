import { describe, expect, it } from 'vitest'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { evaluationSet } from './evaluation-set.ts'
import { historiesOf } from './histories.fixture.ts'
import { headItems, measureSegments } from './segments.ts'

// Of the ten entries of training, six are of a.
const events = [
  ...['u', 'v', 'w', 'x', 'y', 'z'].map((user) => ({ user, item: 'a', time: 1 })),
  ...['b', 'c', 'd', 'e'].map((item) => ({ user: 'u', item, time: 1 })),
  { user: 'v', item: 'b', time: 2 },
  { user: 'w', item: 'c', time: 2 },
  { user: 'u', item: 'unknown', time: 2 },
]
const histories = historiesOf([...events, { user: 'late', item: 'b', time: 1 }, { user: 'late', item: 'a', time: 2 }])
const set = evaluationSet(
  histories,
  defaultFoldSettings,
  histories.times.reduce((split, time, entry) => split.fill(time - 1, entry), new Uint8Array(histories.times.length)),
)

describe('Segments', () => {
  it('put the items that together have half of the entries into the head', () => {
    expect(Array.from(headItems(set.train), (isHead, item) => [set.train.itemIds[item], isHead])).toEqual([
      ['a', 1],
      ['b', 0],
      ['c', 0],
      ['d', 0],
      ['e', 0],
    ])
  })

  it('judge users by what is known of them, and items by the users to whom they matter', () => {
    const column = (itemId: string) => set.train.itemIds.indexOf(itemId)
    const rankings = set.tests.map(({ userId }) => [column(userId === 'v' ? 'b' : 'd'), column('a')])
    const measured = measureSegments(set, rankings, { at: [1], seed: 1 })
    expect(set.tests.map(({ userId }) => userId)).toEqual(['v', 'w', 'late'])
    expect(measured.new).toMatchObject({ users: 3, metrics: { 'ndcg@1': { value: 1 / 3 } } })
    expect(measured.light).toMatchObject({ users: 0, metrics: { 'ndcg@1': { value: 0 } } })
    expect(measured.head).toMatchObject({ users: 1, metrics: { 'recall@1': { value: 0 } } })
    expect(measured.tail).toMatchObject({ users: 2, metrics: { 'recall@1': { value: 0.5 } } })
  })
})
