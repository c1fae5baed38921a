import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hash32 } from '#schemas/math/hash.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { drawSlate, type SlatePolicy } from './rerank.ts'

const plain: SlatePolicy = {
  limit: 3,
  firstSlot: 0,
  seed: 1,
  temperature: 0,
  diversity: 0,
  likeness: () => new Float64Array(30),
}

describe('drawing a list', () => {
  it('without noise and diversity is sorting, each draw certain', () => {
    const picks = drawSlate(Float64Array.of(0.1, 0.9, 0.5, 0.7), plain)
    expect(picks.map((pick) => pick.candidate)).toEqual([1, 3, 2])
    expect(picks.map((pick) => pick.propensity)).toEqual([1, 1, 1])
  })

  it('puts what differs before more of the same', () => {
    const likeness = (candidate: number) => Float64Array.from([0, 1, 2], (other) => Number(candidate < 2 && other < 2))
    const picks = drawSlate(Float64Array.of(1, 0.95, 0.9), { ...plain, diversity: 0.1, likeness })
    expect(picks.map((pick) => pick.candidate)).toEqual([0, 2, 1])
    expect(picks[2]!.penalty).toBe(0.1)
  })

  it('keeps a cap while it can, and fills the list when it cannot', () => {
    const mayFollow: SlatePolicy['mayFollow'] = (candidate, drawn) =>
      candidate > 1 || !drawn.some((pick) => pick.candidate <= 1)
    const picks = drawSlate(Float64Array.of(1, 0.9, 0.1), { ...plain, mayFollow })
    expect(picks.map((pick) => pick.candidate)).toEqual([0, 2, 1])
  })

  it('draws as often as it says it does', () => {
    const scores = Float64Array.of(0.3, 0.2, 0)
    const draws = 20_000
    const firsts = [0, 0, 0]
    const seconds = [0, 0, 0]
    const propensities = [0, 0, 0]
    for (let seed = 0; seed < draws; seed++) {
      const [first, second] = drawSlate(scores, { ...plain, limit: 2, seed, temperature: 0.2 })
      firsts[first!.candidate]!++
      propensities[first!.candidate] = first!.propensity
      if (first!.candidate === 0) seconds[second!.candidate]!++
    }
    for (const candidate of [0, 1, 2]) expect(firsts[candidate]! / draws).toBeCloseTo(propensities[candidate]!, 1.7)
    const e = (score: number) => Math.exp(score / 0.2)
    expect(propensities[0]).toBeCloseTo(e(0.3) / (e(0.3) + e(0.2) + e(0)), 12)
    expect(seconds[1]! / firsts[0]!).toBeCloseTo(e(0.2) / (e(0.2) + e(0)), 1.7)
  })

  it('draws who has the most with the noise of the slot', () => {
    const scores = Float64Array.from({ length: 30 }, (_, i) => 1 - i / 30)
    for (let seed = 0; seed < 2_000; seed++) {
      const [pick] = drawSlate(scores, { ...plain, limit: 1, seed, temperature: 0.2 })
      const random = seededRandom(hash32('slot 0', seed))
      const noisy = Array.from(scores, (score) => (score - 1) / 0.2 - Math.log(-Math.log(random())))
      expect(pick!.candidate).toBe(noisy.indexOf(Math.max(...noisy)))
    }
  })

  it('never draws twice, and gives the same list for the same seed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 30 }),
        fc.integer(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (scores, seed, temperature) => {
          const policy = {
            ...plain,
            limit: 10,
            seed,
            temperature,
            diversity: 0.1,
            likeness: () => new Float64Array(30).fill(1),
          }
          const picks = drawSlate(Float64Array.from(scores), policy)
          expect(new Set(picks.map((pick) => pick.candidate)).size).toBe(Math.min(10, scores.length))
          expect(drawSlate(Float64Array.from(scores), policy)).toEqual(picks)
          for (const { propensity } of picks) expect(propensity >= 0 && propensity <= 1).toBe(true)
        },
      ),
    )
  })
})
