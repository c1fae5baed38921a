import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { roundsOf, successiveHalving } from './successive-halving.ts'

describe('The rounds', () => {
  it('judge a third of the candidates three times as thoroughly', () => {
    expect(roundsOf(27, 18)).toEqual([
      { candidates: 27, iterations: 2 },
      { candidates: 9, iterations: 6 },
      { candidates: 3, iterations: 18 },
    ])
    expect(roundsOf(1, 5)).toEqual([{ candidates: 1, iterations: 5 }])
  })

  it('end with the whole cost, and never judge fewer than one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 100 }), (candidates, iterations) => {
        const rounds = roundsOf(candidates, iterations)
        expect(rounds[0]!.candidates).toBe(candidates)
        expect(rounds.at(-1)!.iterations).toBe(iterations)
        for (const round of rounds) expect(Math.min(round.candidates, round.iterations)).toBeGreaterThan(0)
      }),
    )
  })
})

describe('Successive halving', () => {
  it('finds the best where candidates keep their order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 40 }), async (scores) => {
        const rounds = roundsOf(scores.length, 9)
        const found = await successiveHalving({ rounds, judge: async (c) => scores[c]!, isOver: () => false })
        expect(found[0]).toMatchObject({ score: Math.max(...scores), round: rounds.length - 1 })
        expect(found).toHaveLength(scores.length)
      }),
    )
  })

  it('prefers what was judged more thoroughly, though it scored higher before', async () => {
    const judge = async (candidate: number, round: number) => (round === 0 ? 10 + candidate : candidate)
    const found = await successiveHalving({ rounds: roundsOf(9, 9), judge, isOver: () => false })
    expect(found[0]).toEqual({ candidate: 8, round: 1, score: 8 })
    expect(found[3]).toEqual({ candidate: 5, round: 0, score: 15 })
  })

  it('ends between two judgements when its time is over, with the best so far', async () => {
    let judged = 0
    const judge = async (candidate: number) => {
      judged++
      return candidate
    }
    const found = await successiveHalving({ rounds: roundsOf(27, 18), judge, isOver: () => judged === 5 })
    expect(found.map(({ candidate }) => candidate)).toEqual([4, 3, 2, 1, 0])
  })
})
