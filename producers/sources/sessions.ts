import { hash32 } from '#schemas/math/hash.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { drawFrom, weightedDraw, type Random } from './randomness.ts'
import { sessionStarts } from './rhythm.ts'
import type { SimulatedInteraction, SimulatedItem, SimulatedUser, SimulationOptions } from './simulation.ts'
import { actionsOn, relevanceOf } from './user-actions.ts'

/** What users do of themselves, in the order of time. Sessions overlap: what is still to happen in open ones waits for those that begin before it. */
export function* sessionsInTimeOrder(
  options: Required<SimulationOptions>,
  users: readonly SimulatedUser[],
  items: readonly SimulatedItem[],
): Generator<SimulatedInteraction> {
  const random = seededRandom(hash32('interactions', options.seed))
  const drawUser = weightedDraw(users.map((user) => user.activity))
  const drawItem = weightedDraw(items.map((item) => item.popularity))
  const waiting: SimulatedInteraction[] = []
  let left = options.events
  let session = 0
  let sortAt = options.startAt + sortEveryMs
  for (const startedAt of sessionStarts(options, random)) {
    if (startedAt >= sortAt) {
      waiting.sort(byTime)
      const due = waiting.findIndex((event) => event.occurredAt >= startedAt)
      for (const event of waiting.splice(0, due === -1 ? waiting.length : due)) {
        if (left-- <= 0) return
        yield event
      }
      if (left <= 0) return
      sortAt = startedAt + sortEveryMs
    }
    const user = users[drawUser(random())]!
    const choose = user.bot
      ? () => items[Math.floor(random() * items.length)]!
      : () => chosenItem(user, items, drawItem, random)
    waiting.push(...sessionOf(user, choose, startedAt, session++, random))
  }
}

const sortEveryMs = 600_000

function byTime(a: SimulatedInteraction, b: SimulatedInteraction): number {
  return a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1)
}

/** Of a handful of popular items a user takes one with a probability in proportion to relevance squared, drawn in one pass. */
function chosenItem(
  user: SimulatedUser,
  items: readonly SimulatedItem[],
  drawItem: (u: number) => number,
  random: Random,
): SimulatedItem {
  let chosen = items[drawItem(random())]!
  let total = 0
  for (let offered = 0; offered < 20; offered++) {
    const item = items[drawItem(random())]!
    const relevance = relevanceOf(user, item)
    total += relevance * relevance
    if (random() * total < relevance * relevance) chosen = item
  }
  return chosen
}

/** A person looks at a few things over minutes, a bot at hundreds within seconds. */
function sessionOf(
  user: SimulatedUser,
  choose: () => SimulatedItem,
  startedAt: number,
  session: number,
  random: Random,
): SimulatedInteraction[] {
  const events: SimulatedInteraction[] = []
  const length = user.bot ? drawFrom(100, 400, random) : drawFrom(1, 10, random)
  let at = startedAt
  for (let step = 0; step < length; step++) {
    const item = choose()
    for (const action of user.bot ? [{ type: 'view' } as const] : actionsOn(relevanceOf(user, item), random)) {
      const id = `${user.userId}-${session}-${events.length}`
      const { userId, device } = user
      events.push({
        ...action,
        id,
        userId,
        itemId: item.itemId,
        occurredAt: at,
        sessionId: `session-${session}`,
        context: { device },
      })
      at += user.bot ? drawFrom(50, 300, random) : drawFrom(2_000, 40_000, random)
    }
  }
  return events
}
