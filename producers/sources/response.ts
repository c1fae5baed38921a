import { hash32 } from '#schemas/math/hash.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { drawFrom } from './randomness.ts'
import type { ShownList, SimulatedInteraction, SimulatedUser, Simulation } from './simulation.ts'
import { afterClick } from './user-actions.ts'

/** What a user does with a list. Draws depend on the seed, the request and the position alone, not on what was asked before. */
export function responseTo(
  list: ShownList,
  user: SimulatedUser,
  seed: number,
  truth: Pick<Simulation, 'relevance' | 'clickProbability'>,
): readonly SimulatedInteraction[] {
  const events: SimulatedInteraction[] = []
  let at = list.shownAt
  for (const [position, itemId] of list.items.entries()) {
    const random = seededRandom(hash32(`${list.requestId}:${position}`, seed))
    at += user.bot ? 20 : drawFrom(1_000, 5_000, random)
    if (random() >= truth.clickProbability(user.userId, itemId, position)) continue
    const more = user.bot ? [] : afterClick(truth.relevance(user.userId, itemId), random)
    for (const [step, action] of [{ type: 'click' } as const, ...more].entries()) {
      events.push({
        ...action,
        id: `${list.requestId}-${position}-${step}`,
        userId: user.userId,
        itemId,
        occurredAt: at + step * 500,
        sessionId: list.requestId,
        context: { device: user.device },
        attribution: { requestId: list.requestId, position },
      })
    }
    at += more.length * 500
  }
  return events
}
