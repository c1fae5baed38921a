import { featureCount } from '#schemas/models/ranker.ts'
import { topK } from '#schemas/math/top-k.ts'
import { multiplyRows } from '#schemas/math/vector.ts'
import type { Items } from '../read-model/items.ts'
import type { SlotVectors } from '../read-model/slot-vectors.ts'
import { featuresInto, scoreOf, type Featuring } from './score.ts'

export interface Scoring extends Featuring {
  /** One of each feature. */
  readonly weights: Float64Array
}

/** The best candidates in columns, best first. Valid until the next pool is made. */
export interface Pool {
  readonly slots: readonly number[]
  readonly scores: Float64Array
  /** Of each place, where its row of `features` begins. */
  readonly starts: Uint32Array
  readonly features: Float64Array
}

/** One answer is computed at a time: all of them use the same memory. */
let features: Float64Array = new Float64Array(1024 * featureCount)

/**
 * The best `most` of the candidates in `rows`, best first; equal scores by slot. Which are the best is decided on scores
 * rounded to float32.
 */
export function bestCandidates(scoring: Scoring, rows: readonly number[], most: number): Pool {
  const { weights, candidates } = scoring
  features = featuresInto(features, scoring, rows)
  const rounded = new Float32Array(rows.length)
  for (let i = 0; i < rows.length; i++) rounded[i] = scoreOf(features, i * featureCount, weights)
  const best = topK(rounded, rows.length, most)
  const scores = Float64Array.from(best, (i) => scoreOf(features, i * featureCount, weights))
  const slotOf = (at: number) => candidates.slots[rows[best[at]!]!]!
  const order = Array.from(best.keys()).sort((a, b) => scores[b]! - scores[a]! || slotOf(a) - slotOf(b))
  return {
    slots: order.map(slotOf),
    scores: Float64Array.from(order, (at) => scores[at]!),
    starts: Uint32Array.from(order, (at) => best[at]! * featureCount),
    features,
  }
}

/**
 * How alike the items in `slots` are, each in [0, 1]: the mean of content and, under a model, of the cosine of their
 * vectors, none below 0. The answer gives the likeness of all of them to one, by its place; it is overwritten by the
 * next. The vectors are gathered at length 1 first: twenty passes over a list of sixty stay in the processor's cache.
 */
export function likenesses(
  items: Items,
  vectors: SlotVectors | undefined,
  slots: readonly number[],
): (at: number) => Float64Array {
  const alike = new Float64Array(slots.length)
  const described = items.content.among(slots)
  if (vectors === undefined) {
    return (at) => {
      described(at, alike)
      return alike
    }
  }
  const { k } = vectors
  const units = new Float32Array(slots.length * k)
  for (const [at, slot] of slots.entries()) vectors.copyUnit(slot, units, at * k)
  const cosines = new Float32Array(slots.length)

  return (at) => {
    described(at, alike)
    multiplyRows(cosines, units, 0, slots.length, new Float64Array(units.subarray(at * k, (at + 1) * k)))
    for (let i = 0; i < alike.length; i++) alike[i] = (alike[i]! + Math.min(1, Math.max(0, cosines[i]!))) / 2
    return alike
  }
}
