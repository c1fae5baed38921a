import { MillraceError } from '#schemas/errors.ts'
import { simulatedItems, simulatedUsers, tasteSpace } from './population.ts'
import { responseTo } from './response.ts'
import { sessionsInTimeOrder } from './sessions.ts'
import { simulationDefaults, type Simulation, type SimulationOptions } from './simulation.ts'
import { examination, relevanceOf } from './user-actions.ts'

/** Makes a world from a seed. Throws `invalid-input` without users or items; its functions throw `not-found` for who is not in it. */
export function simulate(given: SimulationOptions): Simulation {
  const options = { ...simulationDefaults, ...given }
  if (options.users < 1 || options.items < 1) throw new MillraceError('invalid-input', 'a world needs users and items')
  const space = tasteSpace(options)
  const items = simulatedItems(options, space)
  const users = simulatedUsers(options, space)
  const userOf = new Map(users.map((user) => [user.userId, user]))
  const itemOf = new Map(items.map((item) => [item.itemId, item]))
  const truth = {
    relevance: (userId: string, itemId: string) => relevanceOf(known(userOf, userId), known(itemOf, itemId)),
    clickProbability: (userId: string, itemId: string, position: number) =>
      known(userOf, userId).bot ? 1 : examination(position) * truth.relevance(userId, itemId),
  }
  return {
    ...truth,
    users,
    items,
    interactions: () => sessionsInTimeOrder(options, users, items),
    respond: (list) => responseTo(list, known(userOf, list.userId), options.seed, truth),
  }
}

function known<T>(things: ReadonlyMap<string, T>, id: string): T {
  const thing = things.get(id)
  if (thing === undefined) throw new MillraceError('not-found', `the simulation has no ${id}`)
  return thing
}
