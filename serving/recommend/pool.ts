import { topK } from '#schemas/math/top-k.ts'
import { multiplyRows } from '#schemas/math/vector.ts'
import type { Items } from '../read-model/items.ts'
import type { SlotVectors } from '../read-model/slot-vectors.ts'
import { scorer, total, type ScoreParts, type Scoring } from './score.ts'

export interface Scored {
  readonly slot: number
  readonly parts: ScoreParts
  readonly score: number
}

/**
 * The best `most` of the candidates in `rows`, best first; equal scores by slot. Which are the best is decided on scores
 * rounded to float32, for the sake of the many that are not; the addends of those that are left are told.
 */
export function bestCandidates(scoring: Scoring, rows: readonly number[], most: number): Scored[] {
  const { slots } = scoring.candidates
  const partsOf = scorer(scoring)
  const scores = new Float32Array(rows.length)
  for (let i = 0; i < rows.length; i++) scores[i] = total(partsOf(rows[i]!))
  const pool = Array.from(topK(scores, rows.length, most), (at): Scored => {
    const row = rows[at]!
    const parts = partsOf(row)
    return { slot: slots[row]!, parts, score: total(parts) }
  })
  return pool.sort((a, b) => b.score - a.score || a.slot - b.slot)
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
  if (vectors === undefined) {
    return (at) => {
      items.content.similarities(slots[at]!, slots, alike)
      return alike
    }
  }
  const { k } = vectors
  const units = new Float32Array(slots.length * k)
  for (const [at, slot] of slots.entries()) vectors.copyUnit(slot, units, at * k)
  const cosines = new Float32Array(slots.length)

  return (at) => {
    items.content.similarities(slots[at]!, slots, alike)
    multiplyRows(cosines, units, 0, slots.length, Float64Array.from(units.subarray(at * k, (at + 1) * k)))
    for (let i = 0; i < alike.length; i++) alike[i] = (alike[i]! + Math.min(1, Math.max(0, cosines[i]!))) / 2
    return alike
  }
}
