import type { ConfidenceShape } from '#schemas/models/preference.ts'
import type { TrainingSettings } from '#schemas/models/training-settings.ts'
import { neighbourShares } from '../neighbours/best-share.ts'
import type { TrainingSet } from '../training-set.ts'

/** What is searched, told apart from the size of the data, so that one space fits all. */
export interface SearchPoint extends ConfidenceShape {
  readonly factors: number
  readonly nu: number
  /** α0 by the mean confidence of an observed pair. */
  readonly relativeAlpha0: number
  /** λ (|S_u| + α0|I|)^ν of an average user, by the mean confidence. */
  readonly rowLambda: number
}

export interface SearchSpace {
  readonly factors: readonly number[]
  readonly nu: readonly number[]
  readonly weightExponent: readonly number[]
  readonly halfLifeDays: readonly number[]
  /** Each point has the one that suits it best: it costs no fit to try them all. */
  readonly neighbourShare: readonly number[]
  /** Bounds, drawn evenly by their logarithms. */
  readonly relativeAlpha0: readonly [low: number, high: number]
  readonly rowLambda: readonly [low: number, high: number]
}

export const defaultSearchSpace: SearchSpace = {
  factors: [32, 64, 96, 128],
  nu: [0, 0.25, 0.5, 0.75, 1],
  weightExponent: [0, 0.5, 1],
  halfLifeDays: [0, 15, 30, 60, 120, 240, 480],
  neighbourShare: neighbourShares,
  relativeAlpha0: [0.003, 1],
  rowLambda: [0.2, 20],
}

/** One point of the space for each call; six numbers of the stream each. */
export function drawPoint(space: SearchSpace, random: () => number): SearchPoint {
  const oneOf = (values: readonly number[]) => values[Math.floor(random() * values.length)]!
  const between = ([low, high]: readonly [number, number]) => rounded(low * (high / low) ** random())
  return {
    factors: oneOf(space.factors),
    nu: oneOf(space.nu),
    weightExponent: oneOf(space.weightExponent),
    halfLifeDays: oneOf(space.halfLifeDays),
    relativeAlpha0: between(space.relativeAlpha0),
    rowLambda: between(space.rowLambda),
  }
}

/** The settings that a point means on a training set made with its shape. */
export function settingsAt(point: SearchPoint, base: TrainingSettings, { byUser }: TrainingSet): TrainingSettings {
  const { factors, nu, weightExponent, halfLifeDays, relativeAlpha0, rowLambda } = point
  const mean = byUser.values.reduce((sum, value) => sum + Math.abs(value), 0) / byUser.values.length
  const alpha0 = rounded(relativeAlpha0 * mean)
  const observed = byUser.indices.length / byUser.rows
  const lambda = rounded((rowLambda * mean) / Math.pow(observed + alpha0 * byUser.columns, nu))
  return { ...base, factors, nu, alpha0, lambda, weightExponent, halfLifeDays }
}

/** Three digits: more would say more than is known. */
function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
