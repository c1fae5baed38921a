import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '#schemas/math/random.ts'
import { scaledLambda } from '#schemas/math/regularisation.ts'
import { defaultTrainingSettings } from '#schemas/models/training-settings.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { historiesOf } from '../histories.fixture.ts'
import { trainingSet } from '../training-set.ts'
import { defaultSearchSpace, drawPoint, settingsAt } from './search-space.ts'

const events = Array.from({ length: 40 }, (_, i) => ({ user: `u${i % 4}`, item: `i${i % 20}`, time: i }))
const set = trainingSet(historiesOf(events), defaultFoldSettings)

describe('A point of the search space', () => {
  it('lies within it, and is the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const point = drawPoint(defaultSearchSpace, seededRandom(seed))
        expect(drawPoint(defaultSearchSpace, seededRandom(seed))).toEqual(point)
        for (const name of ['factors', 'nu', 'weightExponent', 'halfLifeDays'] as const)
          expect(defaultSearchSpace[name]).toContain(point[name])
        for (const name of ['relativeAlpha0', 'rowLambda'] as const) {
          const [low, high] = defaultSearchSpace[name]
          expect(point[name]).toBeGreaterThanOrEqual(0.99 * low)
          expect(point[name]).toBeLessThanOrEqual(1.01 * high)
        }
      }),
    )
  })

  it('means the regularisation it says for an average user, whatever the exponent', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const point = drawPoint(defaultSearchSpace, seededRandom(seed))
        const settings = settingsAt(point, defaultTrainingSettings, set)
        // Every user likes five items, each with a net weight of 8, of twenty items.
        expect(settings.alpha0 / 8).toBeCloseTo(point.relativeAlpha0, 2)
        expect(scaledLambda(5, 20, settings) / 8 / point.rowLambda).toBeCloseTo(1, 1)
        expect(settings).toMatchObject({ cgSteps: defaultTrainingSettings.cgSteps, factors: point.factors })
      }),
    )
  })
})
