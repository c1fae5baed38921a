import type { ImpressionSlot } from '../events/derived.ts'
import type { JoinedImpression } from './impression-join.ts'
import { featureCount, learnExample, rankerFeatures, type Ranker } from './ranker.ts'

/** A list to learn from or to judge by: candidates in columns. */
export interface RankedList {
  /** When it was made, epoch ms. */
  readonly at: number
  readonly known: number
  /** rows × `featureCount`. */
  readonly features: Float64Array
  /** `positionFeature` of the place each was shown at. */
  readonly positions: Float64Array
  /** 1 for what the user then took. */
  readonly labels: Uint8Array
}

/** A joined list with the features that serving saw. Undefined where it recorded none. */
export function listAsServed({ impression, labels }: JoinedImpression): RankedList | undefined {
  const { slots, shownAt } = impression
  if (slots.length === 0 || slots[0]!.features['position'] === undefined) return undefined
  const features = new Float64Array(slots.length * featureCount)
  for (const [row, slot] of slots.entries()) {
    for (const [column, name] of rankerFeatures.entries()) {
      features[row * featureCount + column] = slot.features[name] ?? 0
    }
  }
  return { at: shownAt, known: slots[0]!.features['known'] ?? 0, features, positions: positionsOf(slots), labels }
}

export function positionsOf(slots: readonly ImpressionSlot[]): Float64Array {
  return Float64Array.from(slots, ({ features }) => features['position'] ?? 0)
}

/** Learns every candidate of a list, in order. */
export function learnList(ranker: Ranker, list: RankedList): void {
  for (let row = 0; row < list.labels.length; row++) learnRow(ranker, list, row, 1)
}

/**
 * Learns what was taken, and of the rest every `stride`-th from `phase` on, each for as many as were passed over, so that
 * probabilities stay true (McMahan et al. 2013, section 4.6). Over `stride` phases everything is learned.
 */
export function learnSampled(ranker: Ranker, list: RankedList, stride: number, phase: number): void {
  for (let row = 0; row < list.labels.length; row++) {
    if (list.labels[row] === 1) learnRow(ranker, list, row, 1)
    else if (row % stride === phase) learnRow(ranker, list, row, stride)
  }
}

function learnRow(
  ranker: Ranker,
  { features, known, positions, labels }: RankedList,
  row: number,
  weight: number,
): void {
  learnExample(ranker, {
    features,
    from: row * featureCount,
    known,
    position: positions[row]!,
    label: labels[row] === 1 ? 1 : 0,
    weight,
  })
}
