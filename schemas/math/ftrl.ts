import { decay } from './exp2.ts'

/** Per-coordinate learning rate α, β and the regularisation λ1, λ2 of {@link ftrlUpdate}. */
export interface FtrlSettings {
  readonly alpha: number
  readonly beta: number
  readonly l1: number
  readonly l2: number
}

/** What has been learned, by coordinate: z the sum of gradients less what the moves took, n the sum of their squares. */
export interface FtrlState {
  readonly z: Float64Array
  readonly n: Float64Array
}

export const defaultFtrlSettings: FtrlSettings = { alpha: 0.3, beta: 1, l1: 0, l2: 1 }

export function blankFtrl(dimension: number): FtrlState {
  return { z: new Float64Array(dimension), n: new Float64Array(dimension) }
}

/** w_i = 0 where |z_i| ≤ λ1, else −(z_i − sgn(z_i) λ1) / ((β + √n_i)/α + λ2). */
export function ftrlWeight({ z, n }: FtrlState, { alpha, beta, l1, l2 }: FtrlSettings, i: number): number {
  const sum = z[i]!
  if (Math.abs(sum) <= l1) return 0
  return -(sum - Math.sign(sum) * l1) / ((beta + Math.sqrt(n[i]!)) / alpha + l2)
}

export function ftrlWeights(state: FtrlState, settings: FtrlSettings): Float64Array {
  return Float64Array.from(state.z, (_, i) => ftrlWeight(state, settings, i))
}

/**
 * One example of logistic regression learned by FTRL-Proximal (McMahan et al. 2013, "Ad Click Prediction: a View from the
 * Trenches", algorithm 1), in place; answers the probability foretold before. `weight` says for how many examples this one
 * stands. With g_i = weight (p − y) x_i:
 *
 *     σ_i = (√(n_i + g_i²) − √n_i) / α      z_i += g_i − σ_i w_i      n_i += g_i²
 *
 * Only sums, products and square roots: the same bits on every machine.
 */
export function ftrlUpdate(state: FtrlState, settings: FtrlSettings, example: FtrlExample): number {
  const { z, n } = state
  const { values, label, weight = 1 } = example
  const { alpha, beta, l1, l2 } = settings
  const dimension = z.length
  if (weights.length < dimension) {
    weights = new Float64Array(dimension)
    roots = new Float64Array(dimension)
  }
  let logit = 0
  for (let i = 0; i < dimension; i++) {
    const value = values[i]!
    if (value === 0) continue
    const sum = z[i]!
    const root = (roots[i] = Math.sqrt(n[i]!))
    const least = sum > 0 ? l1 : -l1
    const moved = sum > l1 || sum < -l1 ? -(sum - least) / ((beta + root) / alpha + l2) : 0
    weights[i] = moved
    logit += value * moved
  }
  const foretold = sigmoid(logit)
  const error = weight * (foretold - label)
  for (let i = 0; i < dimension; i++) {
    const value = values[i]!
    if (value === 0) continue
    const gradient = error * value
    const squares = n[i]! + gradient * gradient
    z[i]! += gradient - ((Math.sqrt(squares) - roots[i]!) / alpha) * weights[i]!
    n[i] = squares
  }
  return foretold
}

/** Of the update under way, which waits for nothing. */
let weights = new Float64Array(0)
let roots = new Float64Array(0)

export interface FtrlExample {
  /** One for each coordinate. */
  readonly values: Float64Array
  readonly label: 0 | 1
  readonly weight?: number
}

const log2e = 1.4426950408889634

/** 1 / (1 + e^−x), by {@link decay}: the same bits on every machine. */
export function sigmoid(x: number): number {
  const rest = decay(Math.abs(x) * log2e)
  return x >= 0 ? 1 / (1 + rest) : rest / (1 + rest)
}
