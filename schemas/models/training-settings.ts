import type { Regularisation } from '../ports/solver.ts'
import type { ConfidenceShape } from './preference.ts'

/** The second part of a model: what likes of single items say of others. */
export interface NeighbourSettings {
  /** How loud the neighbours are beside the factors; 0 for not at all, and none are fitted; `auto`: as loud as foretells held-out likes best. */
  readonly neighbourShare: number | 'auto'
  /** λ of the regression of an item on its neighbours. */
  readonly neighbourLambda: number
}

/** How a model is trained; part of its manifest. */
export interface TrainingSettings extends Regularisation, ConfidenceShape, NeighbourSettings {
  /** k, the length of every vector. */
  readonly factors: number
  /** At most; training stops earlier once the held-out NDCG@10 no longer improves. */
  readonly iterations: number
  /** Steps of conjugate gradient for each row in each half-iteration. */
  readonly cgSteps: number
  readonly seed: number
  /** A candidate is refused when its held-out NDCG@10 is below the incumbent's by more than this share of it. */
  readonly gateShare: number
}

/** Settings with which a model can be fitted: nothing is left to choose. */
export type FitSettings = TrainingSettings & { readonly neighbourShare: number }

/**
 * Chosen on ratings of films, on a slice of time before the one that is reported. alpha0 weighs against the
 * confidences: whoever halves all action weights halves it too.
 */
export const defaultTrainingSettings: TrainingSettings = {
  factors: 64,
  iterations: 15,
  alpha0: 3,
  lambda: 0.001,
  nu: 1,
  cgSteps: 3,
  seed: 1,
  gateShare: 0.05,
  weightExponent: 1,
  halfLifeDays: 30,
  neighbourShare: 'auto',
  neighbourLambda: 20,
}

/** The defaults, with the factors alone. */
export const factorSettings: FitSettings = { ...defaultTrainingSettings, neighbourShare: 0 }
