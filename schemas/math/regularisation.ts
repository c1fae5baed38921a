import type { Regularisation } from '../ports/solver.ts'

/**
 * λ_u = λ (|S_u| + α0 |I|)^ν, the frequency-scaled regularisation of a row with `entries` observed entries (Rendle et
 * al. 2021, "Revisiting the Performance of iALS on Item Recommendation Benchmarks"). `others` is the number of rows of
 * the other side.
 */
export function scaledLambda(entries: number, others: number, { alpha0, lambda, nu }: Regularisation): number {
  return lambda * Math.pow(entries + alpha0 * others, nu)
}
