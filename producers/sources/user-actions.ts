import { affinity, type Random } from './randomness.ts'
import type { SimulatedInteraction, SimulatedItem, SimulatedUser } from './simulation.ts'

/** How much an item suits a user, in (0, 1), by the logistic curve's algebraic cousin: no engine computes it differently. */
export function relevanceOf(user: SimulatedUser, item: SimulatedItem): number {
  const x = 4 * (affinity(user.taste, item.traits) - 0.35)
  return 0.5 * (1 + x / Math.sqrt(1 + x * x))
}

/** Position bias: the share of users who look at a position at all. */
export function examination(position: number): number {
  return 1 / (1 + 0.35 * position)
}

type Action = Pick<SimulatedInteraction, 'type' | 'value'>

/** What a person does with an item in view: the better it suits, the further it goes. */
export function actionsOn(relevance: number, random: Random): readonly Action[] {
  const actions: Action[] = [{ type: 'view' }]
  if (random() < 0.6 * relevance) actions.push({ type: 'click' }, ...afterClick(relevance, random))
  else if (random() < 0.1 * (1 - relevance)) actions.push({ type: 'dislike' })
  return actions
}

/** What may follow a click. */
export function afterClick(relevance: number, random: Random): readonly Action[] {
  const actions: Action[] = []
  if (random() < 0.3 * relevance) actions.push({ type: 'like' })
  if (random() < 0.25 * relevance) {
    actions.push({ type: 'cart' })
    if (random() < 0.5) actions.push({ type: 'purchase' })
  }
  if (random() < 0.2) {
    const value = Math.round(1 + 4 * relevance + random() - 0.5)
    actions.push({ type: 'rating', value: Math.min(5, Math.max(1, value)) })
  }
  return actions
}
