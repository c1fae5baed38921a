import { expect, test } from 'vitest'
import { foldIn } from '../math/fold-in.ts'
import { gramian } from '../math/gramian.ts'
import { randomFactors } from '../math/random-problem.fixture.ts'
import { plainContent } from './content-features.ts'
import { foldInUser, itemFoldInModel } from './fold-in.ts'
import { initialFactors } from './initial-factors.ts'
import { plainConfidence } from './preference.ts'

const k = 4
const items = randomFactors(10, k, 1)
const model = { k, items: 10, alpha0: 0.1, lambda: 0.01, nu: 1, gramian: gramian(items) }
const vectorAt = (row: number): Float32Array => items.data.subarray(row * k, (row + 1) * k)

test('folds in the items that have a vector, and says which they were', () => {
  const known = new Map([
    ['a', vectorAt(0)],
    ['b', vectorAt(1)],
  ])
  const folded = foldInUser({
    solver: { foldIn },
    model,
    preferences: new Map([
      ['gone', 9],
      ['b', -2],
      ['a', 3],
    ]),
    vectorOf: (itemId) => known.get(itemId),
  })
  expect(folded.itemIds).toEqual(['b', 'a'])
  const vectors = Float32Array.from([...vectorAt(1), ...vectorAt(0)])
  expect(folded.vector).toEqual(foldIn(model, vectors, Float32Array.of(-2, 3)).vector)
  expect(folded.contributions(vectorAt(2))).toHaveLength(2)
})

test('a user of whom nothing is known has the zero vector', () => {
  const folded = foldInUser({
    solver: { foldIn },
    model,
    preferences: new Map([['gone', 9]]),
    vectorOf: () => undefined,
  })
  expect([folded.itemIds, [...folded.vector]]).toEqual([[], [0, 0, 0, 0]])
})

test('an item is folded in over users', () => {
  const users = randomFactors(20, k, 2)
  const whole = {
    ...model,
    ...plainConfidence,
    version: 'v',
    itemIds: [],
    itemFactors: items.data,
    itemCounts: new Uint32Array(10),
    users: 20,
    userGramian: gramian(users),
    contentSpace: plainContent,
    content: new Float32Array(0),
    profile: new Float32Array(0),
  }
  expect(itemFoldInModel(whole)).toEqual({ ...model, items: 20, gramian: gramian(users) })
})

test('initial factors are those of their seed, normal with standard deviation 1/√k', () => {
  expect(initialFactors(30, 5, 1)).toEqual(initialFactors(30, 5, 1))
  expect(initialFactors(30, 5, 1)).not.toEqual(initialFactors(30, 5, 2))
  const { data } = initialFactors(5_001, 9, 3)
  expect(data).toHaveLength(45_009)
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length
  const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length
  const beyondOne = data.filter((value) => Math.abs(value) > 1 / 3).length / data.length
  expect(Math.abs(mean)).toBeLessThan(0.01)
  expect(variance).toBeCloseTo(1 / 9, 2)
  expect(beyondOne).toBeCloseTo(0.317, 1)
})
