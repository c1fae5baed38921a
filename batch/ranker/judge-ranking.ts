import { calibration, type Calibration } from '#schemas/math/calibration.ts'
import { sigmoid } from '#schemas/math/ftrl.ts'
import { bootstrapMeans, meanOf } from '#schemas/math/intervals.ts'
import type { RankedList } from '#schemas/models/ranked-list.ts'
import { featureCount, logitOf, weightsForUser } from '#schemas/models/ranker.ts'
import type { Measured } from '../measure.ts'

/** Weights of the features for a user of whom so much is known. */
export type ListWeights = (known: number) => Float64Array

const judgedAt = 10

/** A click at a rarely seen place counts so often at most: few of them would drown the others. */
const mostWeight = 10

export interface JudgeOptions {
  /** What one unit of the position feature adds to the logit; 0 where all candidates were seen alike. */
  readonly positionWeight: number
  readonly seed: number
}

/**
 * NDCG@10 of lists put in order by a score, with what was taken counted by how seldom its place is looked at:
 * exp(−w (position − first)) for the weight w of the position, which for rare clicks is the inverse of how much rarer
 * they are there (Joachims, Swaminathan and Schnabel 2017). Lists without anything taken count as 0.
 */
export function judgeRanking(lists: readonly RankedList[], weights: ListWeights, options: JudgeOptions): Measured {
  const values = Float64Array.from(lists, (list) => ndcgOf(list, weights(list.known), options.positionWeight))
  return { value: meanOf(values), ...bootstrapMeans([values], options.seed)[0]! }
}

function ndcgOf({ features, labels, positions }: RankedList, weights: Float64Array, positionWeight: number): number {
  const scores = new Float64Array(labels.length)
  const gains = new Float64Array(labels.length)
  for (let row = 0; row < labels.length; row++) {
    for (let j = 0; j < featureCount; j++) scores[row]! += weights[j]! * features[row * featureCount + j]!
    if (labels[row] === 1) gains[row] = Math.min(mostWeight, Math.exp(positionWeight * (1 - positions[row]!)))
  }
  const ideal = discounted(gains.toSorted((a, b) => b - a))
  if (ideal === 0) return 0
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b)
  return discounted(Float64Array.from(order, (row) => gains[row]!)) / ideal
}

function discounted(gains: Float64Array): number {
  let sum = 0
  for (let place = 0; place < Math.min(judgedAt, gains.length); place++) sum += gains[place]! / Math.log2(2 + place)
  return sum
}

export function learnedWeights(weights: Float64Array): ListWeights {
  return (known) => weightsForUser(weights, known)
}

/** How true the probabilities are, each at the place where it was shown. */
export function calibrationOf(lists: readonly RankedList[], weights: Float64Array): Calibration {
  const foretold: number[] = []
  const labels: number[] = []
  for (const { features, positions, known, labels: taken } of lists) {
    for (let row = 0; row < taken.length; row++) {
      foretold.push(sigmoid(logitOf(weights, features, row * featureCount, known, positions[row]!)))
      labels.push(taken[row]!)
    }
  }
  return calibration(foretold, labels)
}
