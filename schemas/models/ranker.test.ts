import { describe, expect, it } from 'vitest'
import { decodeRanker, encodeRanker } from './ranker-blob.ts'
import {
  blankRanker,
  columnOf,
  featureCount,
  learnExample,
  logitOf,
  positionFeature,
  rankerFeatures,
  weightsForUser,
  weightsOf,
} from './ranker.ts'

/** Those at the first place are taken half of the time, those at the tenth never, whatever they are. */
function learnedByPlace() {
  const ranker = blankRanker()
  const features = new Float64Array(featureCount)
  for (let n = 0; n < 2_000; n++) {
    const place = n % 2 === 0 ? 0 : 9
    features[columnOf.trending] = place === 0 ? 1 : 0.5
    learnExample(ranker, { features, known: 0.3, position: positionFeature(place), label: n % 4 === 0 ? 1 : 0 })
  }
  return ranker
}

describe('The ranker', () => {
  it('has one column for each feature', () => {
    expect(rankerFeatures.map((name) => columnOf[name])).toEqual([...rankerFeatures.keys()])
  })

  it('orders candidates alike by the logit at one place and by the score that serving computes', () => {
    const weights = weightsOf(learnedByPlace())
    const rows = [0.1, 0.7, 0.4].map((trending) => {
      const features = new Float64Array(featureCount)
      features[columnOf.trending] = trending
      return features
    })
    const scores = rows.map((row) => weightsForUser(weights, 0.3).reduce((sum, w, i) => sum + w * row[i]!, 0))
    const logits = rows.map((row) => logitOf(weights, row, 0, 0.3, positionFeature(0)))
    const difference = logits[0]! - scores[0]!
    for (const [i, score] of scores.entries()) expect(logits[i]! - score).toBeCloseTo(difference, 10)
  })

  it('gives to the position a part of what the first place earns', () => {
    const weights = weightsOf(learnedByPlace())
    expect(weights.at(-1)).toBeGreaterThan(0.1)
  })

  it('survives its blob to the bit; one over other features is none', () => {
    const ranker = learnedByPlace()
    expect(decodeRanker(encodeRanker(ranker))).toEqual(ranker)
    const text = new TextDecoder('latin1').decode(encodeRanker(ranker))
    expect(text).toContain('"coViewRoot"')
    expect(() => decodeRanker(encodeRanker(ranker).subarray(0, 80))).toThrow(/mr-ranks/)
  })
})
