import {
  blankFtrl,
  defaultFtrlSettings,
  ftrlUpdate,
  ftrlWeights,
  type FtrlSettings,
  type FtrlState,
} from '../math/ftrl.ts'

/**
 * What is known of a candidate when a list is made, in this order: all between 0 and 1 but `factorScore` and `neighbours`.
 *
 * - `factorScore`: x·y, the user's liking as the model sees it
 * - `neighbours`: what likes of single items say of it, in units of `factorScore`
 * - `factorPlace`, `trendingPlace`: 1 / log2(2 + place) in the list of its source, 0 outside
 * - `coView`, `content`: consumed together with, or described like, what the user liked lately; `coViewRoot` is the root of the
 *   first, since even few togethers say much
 * - `trendingNow`, `trending`: popularity of the last hours and days beside the leader's, by logarithms
 * - `popularity`: of all time
 * - `affinity`: share of the user's liking in the item's categories
 * - `new`: outside the model and at most two weeks old
 */
export const rankerFeatures = [
  'factorScore',
  'factorPlace',
  'neighbours',
  'coView',
  'coViewRoot',
  'content',
  'trendingNow',
  'trending',
  'trendingPlace',
  'popularity',
  'affinity',
  'new',
] as const

export type RankerFeature = (typeof rankerFeatures)[number]

export const featureCount = rankerFeatures.length

/** Column of each feature. */
export const columnOf: { readonly [F in RankerFeature]: number } = {
  factorScore: 0,
  factorPlace: 1,
  neighbours: 2,
  coView: 3,
  coViewRoot: 4,
  content: 5,
  trendingNow: 6,
  trending: 7,
  trendingPlace: 8,
  popularity: 9,
  affinity: 10,
  new: 11,
}

/** Weights of a score by feature; what is left out has none. */
export type ScoreWeights = { readonly [F in RankerFeature]?: number }

/** What ranks until a ranker has been learned, and where none is wanted. */
export const defaultScoreWeights = {
  factorScore: 1,
  neighbours: 1,
  coView: 0.15,
  content: 0.05,
  trending: 0.05,
  affinity: 0.03,
  new: 0.02,
} as const satisfies ScoreWeights

export function blendWeights(weights: ScoreWeights): Float64Array {
  return Float64Array.from(rankerFeatures, (name) => weights[name] ?? 0)
}

/** Each feature, each feature times `known`, 1, `known`, `position`. */
export const rankerDimension = 2 * featureCount + 3

/** A logistic ranker as it is learned. */
export interface Ranker {
  readonly settings: FtrlSettings
  readonly state: FtrlState
  /** Examples it has learned from. */
  examples: number
}

/**
 * Begins at the logit of `baseRate`, the share of examples that come true: from 0 the first examples, foretold at a half,
 * would take steps so large that none of the later ones counted for much.
 */
export function blankRanker(baseRate = 0.5, settings: FtrlSettings = defaultFtrlSettings): Ranker {
  const state = blankFtrl(rankerDimension)
  const { alpha, beta, l2 } = settings
  // Rounded, so that engines whose logarithms differ in the last bit begin alike.
  const logit = Math.round(1024 * Math.log(baseRate / (1 - baseRate))) / 1024
  state.z[2 * featureCount] = -logit * (beta / alpha + l2)
  return { settings, state, examples: 0 }
}

export function copyOf({ settings, state, examples }: Ranker): Ranker {
  return { settings, state: { z: state.z.slice(), n: state.n.slice() }, examples }
}

/** How well a user is known, from the length of their history: n / (n + 20). */
export function knownShare(interactions: number): number {
  return interactions / (interactions + 20)
}

/** How much a place is looked at, by the size of the feature; places count from 0. */
export function positionFeature(place: number): number {
  return placeStrength(place)
}

export function placeStrength(place: number): number {
  return 1 / Math.log2(2 + place)
}

/** An example as the ranker learns from it: `features` has {@link featureCount} values from `from` on. */
export function exampleInto(
  target: Float64Array,
  features: ArrayLike<number>,
  from: number,
  known: number,
  position: number,
): void {
  for (let i = 0; i < featureCount; i++) {
    const value = features[from + i]!
    target[i] = value
    target[featureCount + i] = known * value
  }
  target[2 * featureCount] = 1
  target[2 * featureCount + 1] = known
  target[2 * featureCount + 2] = position
}

const scratch = new Float64Array(rankerDimension)

/** Learns one shown or drawn candidate; answers the probability foretold before. */
export function learnExample(
  ranker: Ranker,
  example: {
    readonly features: ArrayLike<number>
    readonly from?: number
    readonly known: number
    readonly position: number
    readonly label: 0 | 1
    readonly weight?: number
  },
): number {
  exampleInto(scratch, example.features, example.from ?? 0, example.known, example.position)
  ranker.examples++
  const { label, weight = 1 } = example
  return ftrlUpdate(ranker.state, ranker.settings, { values: scratch, label, weight })
}

export function weightsOf({ state, settings }: Ranker): Float64Array {
  return ftrlWeights(state, settings)
}

/** What a unit of the position feature adds to the logit. */
export function positionWeightOf(weights: Float64Array): number {
  return weights[2 * featureCount + 2]!
}

/**
 * The weights of the features for one user. What is the same for all candidates of a list (1, `known`, the position, which
 * serving sets to a constant) orders nothing and is left out: a score of 0 is that of an item that nothing speaks for.
 */
export function weightsForUser(weights: Float64Array, known: number): Float64Array {
  return Float64Array.from(rankerFeatures, (_, i) => weights[i]! + known * weights[featureCount + i]!)
}

/** The logit of a click at a position; with `position` of the first place, the one that serving assumes. */
export function logitOf(
  weights: Float64Array,
  features: ArrayLike<number>,
  from: number,
  known: number,
  position: number,
): number {
  let sum =
    weights[2 * featureCount]! + known * weights[2 * featureCount + 1]! + position * weights[2 * featureCount + 2]!
  for (let i = 0; i < featureCount; i++) {
    sum += features[from + i]! * (weights[i]! + known * weights[featureCount + i]!)
  }
  return sum
}
