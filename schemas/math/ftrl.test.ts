import { describe, expect, it } from 'vitest'
import { blankFtrl, defaultFtrlSettings, ftrlUpdate, ftrlWeights, sigmoid } from './ftrl.ts'
import { seededRandom } from './random.ts'

describe('FTRL-Proximal', () => {
  it('follows the equations of the paper, by hand for two examples', () => {
    const settings = { alpha: 0.5, beta: 1, l1: 0.1, l2: 2 }
    const state = blankFtrl(1)
    expect(ftrlUpdate(state, settings, { values: Float64Array.of(2), label: 1 })).toBe(0.5)
    // g = (0.5 − 1) · 2 = −1; σ = (√1 − 0) / 0.5 = 2; w was 0.
    expect([...state.z, ...state.n]).toEqual([-1, 1])
    // w = −(−1 + 0.1) / ((1 + 1) / 0.5 + 2) = 0.15
    const [weight] = ftrlWeights(state, settings)
    expect(weight).toBeCloseTo(0.15, 12)
    const foretold = ftrlUpdate(state, settings, { values: Float64Array.of(1), label: 0 })
    expect(foretold).toBeCloseTo(1 / (1 + Math.exp(-0.15)), 9)
    const sigma = (Math.sqrt(1 + foretold ** 2) - 1) / 0.5
    expect(state.z[0]).toBeCloseTo(-1 + foretold - sigma * 0.15, 12)
    expect(state.n[0]).toBeCloseTo(1 + foretold ** 2, 12)
  })

  it('finds the weights that made the labels', () => {
    const truth = [1.5, -1, 0, 0.5]
    const random = seededRandom(5)
    const state = blankFtrl(4)
    const settings = { ...defaultFtrlSettings, l2: 0 }
    for (let n = 0; n < 40_000; n++) {
      const values = Float64Array.from([random() * 2 - 1, random() * 2 - 1, random() * 2 - 1, 1])
      const logit = values.reduce((sum, value, i) => sum + value * truth[i]!, 0)
      ftrlUpdate(state, settings, { values, label: random() < sigmoid(logit) ? 1 : 0 })
    }
    for (const [i, weight] of ftrlWeights(state, settings).entries()) expect(weight).toBeCloseTo(truth[i]!, 0)
  })

  it('learns an example of weight w from w times the gradient, and nothing of features that are 0', () => {
    const [one, thrice] = [blankFtrl(2), blankFtrl(2)]
    ftrlUpdate(one, defaultFtrlSettings, { values: Float64Array.of(1, 0), label: 1 })
    ftrlUpdate(thrice, defaultFtrlSettings, { values: Float64Array.of(1, 0), label: 1, weight: 3 })
    expect(thrice.z[0]).toBe(3 * one.z[0]!)
    expect([one.z[1], one.n[1]]).toEqual([0, 0])
  })
})

describe('The sigmoid', () => {
  it('is that of the exponential, symmetric, and ends at 0 and 1', () => {
    for (const x of [-700, -3, -0.1, 0, 0.1, 3, 700]) {
      expect(sigmoid(x)).toBeCloseTo(1 / (1 + Math.exp(-x)), 8)
      expect(sigmoid(x) + sigmoid(-x)).toBeCloseTo(1, 12)
    }
    expect(sigmoid(5_000)).toBe(1)
    expect(sigmoid(-5_000)).toBe(0)
  })
})
