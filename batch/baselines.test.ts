import { describe, expect, it } from 'vitest'
import { seededRandom } from '#schemas/math/random.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { easeScorer } from './ease.ts'
import { rowOf } from './evaluation-set.ts'
import { historiesOf } from './histories.fixture.ts'
import { itemKnnScorer } from './item-knn.ts'
import { trainingSet } from './training-set.ts'

const random = seededRandom(5)
const events = Array.from({ length: 150 }, (_, time) => ({
  user: `u${Math.floor(20 * random())}`,
  item: `i${Math.floor(12 * random())}`,
  action: random() < 0.2 ? 'dislike' : 'like',
  time,
}))
const train = trainingSet(historiesOf(events), defaultFoldSettings)
const n = train.itemIds.length
const users = train.userIds.map((_, row) => rowOf(train, row))
/** Users × items, 1 for a like. */
const likes = users.map(({ columns, weights }) => {
  const row = Array.from({ length: n }, () => 0)
  for (const [i, column] of columns.entries()) if (weights[i]! > 0) row[column] = 1
  return row
})

describe('Item neighbours', () => {
  it('score by the shrunk cosine of the users who like both', () => {
    const score = itemKnnScorer(train, { neighbours: n, shrink: 2 })
    const common = (i: number, j: number) => likes.reduce((sum, row) => sum + row[i]! * row[j]!, 0)
    const similarity = (i: number, j: number) =>
      i === j ? 0 : common(i, j) / (Math.sqrt(common(i, i) * common(j, j)) + 2)
    for (const [user, known] of users.entries()) {
      const scores = score(known)
      for (let j = 0; j < n; j++) {
        const expected = likes[user]!.reduce((sum, liked, i) => sum + (liked === 1 ? similarity(i, j) : 0), 0)
        expect(scores[j]).toBeCloseTo(expected, 5)
      }
    }
  })

  it('are only the nearest ones', () => {
    const liked = { columns: Uint32Array.of(0), weights: Float32Array.of(1), likes: Float32Array.of(1) }
    const few = itemKnnScorer(train, { neighbours: 2, shrink: 0 })(liked)
    const all = itemKnnScorer(train, { neighbours: n, shrink: 0 })(liked)
    const kept = Array.from(few).filter((score) => score > 0)
    expect(kept.toSorted((a, b) => b - a)).toEqual(
      Array.from(all)
        .toSorted((a, b) => b - a)
        .slice(0, 2),
    )
  })
})

describe('EASE', () => {
  const lambda = 3
  /** Row i of B: the scores of a user who likes item i alone. */
  const weights = Array.from({ length: n }, (_, i) =>
    easeScorer(train, { lambda })({
      columns: Uint32Array.of(i),
      weights: Float32Array.of(1),
      likes: Float32Array.of(1),
    }),
  )

  it('never foretells an item by itself', () => {
    for (let i = 0; i < n; i++) expect(weights[i]![i]).toBe(0)
  })

  it('is the least |X − XB|² + λ|B|²: off the diagonal the gradient is zero', () => {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        if (i === j) continue
        const gradient = likes.reduce((sum, row) => {
          const foretold = row.reduce((total, liked, l) => total + liked * weights[l]![j]!, 0)
          return sum + row[i]! * (foretold - row[j]!)
        }, lambda * weights[i]![j]!)
        expect(gradient).toBeCloseTo(0, 4)
      }
    }
  })

  it('scores a user by what the user likes, not by what is disliked', () => {
    const score = easeScorer(train, { lambda })
    for (const [user, known] of users.entries()) {
      for (let j = 0; j < n; j++) {
        const expected = likes[user]!.reduce((sum, liked, i) => sum + liked * weights[i]![j]!, 0)
        expect(score(known)[j]).toBeCloseTo(expected, 4)
      }
    }
  })
})
