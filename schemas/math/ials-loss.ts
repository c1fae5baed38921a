import type { Factors, Interactions, Regularisation } from '../ports/solver.ts'
import { gramian } from './gramian.ts'
import { scaledLambda } from './regularisation.ts'
import { dot, dotDouble } from './vector.ts'

/**
 * What iALS minimises (design section 6; Rendle et al. 2021, equation 1, with frequency-scaled regularisation):
 *
 *     L = Σ_(u,i)∈S c_ui (p_ui − x_u·y_i)² + α0 Σ_u,i (x_u·y_i)²
 *       + λ ( Σ_u (|S_u| + α0|I|)^ν |x_u|² + Σ_i (|S_i| + α0|U|)^ν |y_i|² )
 *
 * The sum over all pairs is the trace of XᵀX·YᵀY.
 */
export function ialsLoss(options: {
  readonly interactions: Interactions
  readonly users: Factors
  readonly items: Factors
  readonly regularisation: Regularisation
}): number {
  const { interactions, users, items, regularisation } = options
  const { starts, indices, values } = interactions
  const { k } = users
  const usersOfItem = new Uint32Array(items.rows)
  let loss = 0
  for (let user = 0; user < users.rows; user++) {
    for (let at = starts[user]!; at < starts[user + 1]!; at++) {
      const item = indices[at]!
      const value = values[at]!
      const error = (value > 0 ? 1 : 0) - dot(users.data, user * k, items.data, item * k, k)
      loss += Math.abs(value) * error * error
      usersOfItem[item]!++
    }
    const lambda = scaledLambda(starts[user + 1]! - starts[user]!, items.rows, regularisation)
    loss += lambda * dot(users.data, user * k, users.data, user * k, k)
  }
  for (let item = 0; item < items.rows; item++) {
    const lambda = scaledLambda(usersOfItem[item]!, users.rows, regularisation)
    loss += lambda * dot(items.data, item * k, items.data, item * k, k)
  }
  return loss + regularisation.alpha0 * dotDouble(gramian(users), 0, gramian(items), 0, k * k)
}
