import { describe, expect, it } from 'vitest'
import { calibration } from './calibration.ts'
import { seededRandom } from './random.ts'

describe('Calibration', () => {
  it('is without error where what is foretold is what happens', () => {
    const random = seededRandom(2)
    const foretold = Float64Array.from({ length: 100_000 }, () => random())
    const labels = foretold.map((p) => (random() < p ? 1 : 0))
    const { bins, expectedError } = calibration(foretold, labels)
    expect(bins).toHaveLength(10)
    expect(expectedError).toBeLessThan(0.01)
    for (const { foretold: said, observed } of bins) expect(observed).toBeCloseTo(said, 1)
  })

  it('finds how far probabilities that are all too high are off', () => {
    const labels = Array.from({ length: 1_000 }, (_, i) => (i % 10 === 0 ? 1 : 0))
    expect(calibration(new Float64Array(1_000).fill(0.4), labels).expectedError).toBeCloseTo(0.3, 12)
  })

  it('of nothing has no bins', () => {
    expect(calibration([], [])).toEqual({ bins: [], expectedError: 0 })
  })
})
