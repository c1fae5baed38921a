import type { Regularisation } from '../ports/solver.ts'
import type { ConfidenceShape } from './preference.ts'

/** How a model is trained; part of its manifest. */
export interface TrainingSettings extends Regularisation, ConfidenceShape {
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
}
