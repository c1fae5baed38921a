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
 * Trenches", algorithm 1), in place; answers the probability foretold before. The values stand in `values` from `from` on,
 * one for each coordinate; `weight` says for how many examples this one stands. With g_i = weight (p − y) x_i:
 *
 *     σ_i = (√(n_i + g_i²) − √n_i) / α      z_i += g_i − σ_i w_i      n_i += g_i²
 *
 * Only sums, products and square roots: the same bits on every machine.
 */
export function ftrlUpdate(
  state: FtrlState,
  settings: FtrlSettings,
  { values, from = 0, label, weight = 1 }: FtrlExample,
): number {
  const { z, n } = state
  let logit = 0
  for (let i = 0; i < z.length; i++) {
    const value = values[from + i]!
    if (value !== 0) logit += value * ftrlWeight(state, settings, i)
  }
  const foretold = sigmoid(logit)
  const error = weight * (foretold - label)
  for (let i = 0; i < z.length; i++) {
    const value = values[from + i]!
    if (value === 0) continue
    const gradient = error * value
    const before = Math.sqrt(n[i]!)
    const sigma = (Math.sqrt(n[i]! + gradient * gradient) - before) / settings.alpha
    z[i]! += gradient - sigma * ftrlWeight(state, settings, i)
    n[i]! += gradient * gradient
  }
  return foretold
}

export interface FtrlExample {
  readonly values: Float64Array
  readonly from?: number
  readonly label: 0 | 1
  readonly weight?: number
}

const log2e = 1.4426950408889634

/** 1 / (1 + e^−x), by {@link decay}: the same bits on every machine. */
export function sigmoid(x: number): number {
  const rest = decay(Math.abs(x) * log2e)
  return x >= 0 ? 1 / (1 + rest) : rest / (1 + rest)
}
