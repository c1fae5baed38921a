import { expect, it } from 'vitest'
import { dayMs, defaultFoldSettings } from '#schemas/settings.ts'
import { evaluationSet } from './evaluation-set.ts'
import { historiesOf } from './histories.fixture.ts'
import { trendingScorer } from './trending.ts'

it('What is trending has the most events of late, in the training part alone', () => {
  const histories = historiesOf([
    ...['u', 'v', 'w'].map((user) => ({ user, item: 'old', time: 0 })),
    ...['u', 'v'].map((user) => ({ user, item: 'new', time: 10 * dayMs })),
    { user: 'w', item: 'new', time: 20 * dayMs },
    { user: 'x', item: 'old', time: 20 * dayMs },
  ])
  const split = Uint8Array.from(histories.times, (time) => (time === 20 * dayMs ? 1 : 0))
  const { train } = evaluationSet(histories, defaultFoldSettings, split)
  const score = trendingScorer(histories, split, train, 5 * dayMs)
  const nobody = { columns: new Uint32Array(0), weights: new Float32Array(0), likes: new Float32Array(0) }
  const scores = score(nobody)
  expect(Object.fromEntries(train.itemIds.map((itemId, column) => [itemId, scores[column]]))).toEqual({
    old: 3 / 4,
    new: 2,
  })
})
