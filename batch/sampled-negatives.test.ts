import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { seededRandom } from '#schemas/math/random.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { evaluationSet } from './evaluation-set.ts'
import { historiesOf } from './histories.fixture.ts'
import { rankerOf } from './rankers.ts'
import { negatives, withSampledNegatives } from './sampled-negatives.ts'
import { leaveLastOut } from './splits.ts'

function setOf(items: number) {
  const random = seededRandom(items)
  const events = Array.from({ length: 6 * items }, (_, time) => ({
    user: `u${time % 50}`,
    item: `i${Math.floor(items * random())}`,
    time,
  }))
  const histories = historiesOf(events)
  return evaluationSet(histories, defaultFoldSettings, leaveLastOut(histories))
}

it('What is to be foretold competes with 99 items that the user has not met, the same for the same seed', () => {
  const set = setOf(300)
  expect(set.tests).toHaveLength(50)
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const sampled = withSampledNegatives(set, seed)
      expect(withSampledNegatives(set, seed).tests).toEqual(sampled.tests)
      for (const { candidates, relevant, seen } of sampled.tests) {
        const competing = new Set(candidates)
        expect(competing.size).toBe(negatives + 1)
        expect(candidates).toEqual(candidates!.toSorted())
        expect(relevant.every((column) => competing.has(column))).toBe(true)
        expect(seen.some((column) => competing.has(column))).toBe(false)
      }
    }),
    { numRuns: 5 },
  )
})

it('Where fewer items are left, all of them compete', () => {
  const { tests, train } = withSampledNegatives(setOf(40), 1)
  for (const { candidates, seen } of tests) expect(candidates).toHaveLength(train.itemIds.length - seen.length)
})

it('Only candidates are ranked', () => {
  const { tests, train } = withSampledNegatives(setOf(300), 1)
  const byColumn = rankerOf(() => Float32Array.from({ length: train.itemIds.length }, (_, column) => column))
  expect([...byColumn(tests[0]!, 3)]).toEqual(Array.from(tests[0]!.candidates!).toReversed().slice(0, 3))
})
