import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { interactionInput } from '#schemas/api/interactions.ts'
import { BulkItemInput } from '#schemas/api/items.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import type { SimulatedInteraction, Simulation } from './simulation.ts'
import { simulate } from './simulator.ts'
import { examination } from './user-actions.ts'

const startAt = Date.UTC(2024, 0, 1)
const world = simulate({
  seed: 7,
  users: 200,
  items: 300,
  events: 30_000,
  startAt,
  sessionsPerDay: 150,
  botShare: 0.02,
})
const events = [...world.interactions()]
const users = new Map(world.users.map((user) => [user.userId, user]))
const items = new Map(world.items.map(({ itemId, item }) => [itemId, item]))

describe('simulate', () => {
  it('gives the same bytes for the same seed, whichever way it is asked, and others for another', () => {
    const options = { users: 30, items: 40, events: 500, startAt }
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const [one, two, other] = [simulate({ ...options, seed }), simulate({ ...options, seed }), seed + 1]
        two.respond({ requestId: 'r', userId: two.users[0]!.userId, items: [two.items[0]!.itemId], shownAt: startAt })
        expect(digest(one)).toBe(digest(two))
        expect(digest(one)).toBe(digest(one))
        expect(digest(one)).not.toBe(digest(simulate({ ...options, seed: other })))
      }),
      { numRuns: 5 },
    )
  })

  it('never changes what a seed gives', () => {
    expect(digest(simulate({ seed: 1, users: 20, items: 30, events: 200, startAt }))).toBe('c022ef1941d6882c')
  })

  it('yields as many interactions as asked, with distinct ids, in the order of time', () => {
    expect(events).toHaveLength(30_000)
    expect(new Set(events.map(({ id }) => id)).size).toBe(30_000)
    expect(events.every((event, n) => n === 0 || events[n - 1]!.occurredAt <= event.occurredAt)).toBe(true)
    expect([...simulate({ seed: 1, users: 1, items: 1, events: 0, startAt }).interactions()]).toEqual([])
  })

  it('says only what the API takes', () => {
    const interaction = Compile(interactionInput(defaultFoldSettings))
    const item = Compile(BulkItemInput)
    expect(events.filter((event) => !interaction.Check(event))).toEqual([])
    expect(world.items.filter(({ itemId, item: each }) => !item.Check({ id: itemId, ...each }))).toEqual([])
  })

  it('lets people click their favourite categories several times as often as others', () => {
    const clicks = events.filter(({ type, userId }) => type === 'click' && users.get(userId)?.bot === false)
    const favourite = clicks.filter(({ userId, itemId }) => isFavourite(userId, itemId)).length / clicks.length
    const pairs = world.users
      .filter(({ bot }) => !bot)
      .flatMap(({ userId }) => world.items.map(({ itemId }) => isFavourite(userId, itemId)))
    const byChance = pairs.filter(Boolean).length / pairs.length
    expect(clicks.length).toBeGreaterThan(3_000)
    expect(favourite).toBeGreaterThan(2 * byChance)
  })

  it('marks bots, whose rates no person reaches', () => {
    const bots = world.users.filter(({ bot }) => bot)
    expect(bots).toHaveLength(4)
    const longest = { bot: 0, person: 0 }
    for (const [, session] of Map.groupBy(events, ({ sessionId }) => sessionId)) {
      const kind = users.get(session[0]!.userId)!.bot ? 'bot' : 'person'
      longest[kind] = Math.max(longest[kind], session.length)
    }
    expect(longest.bot).toBeGreaterThan(2 * longest.person)
  })

  it('is busier in the evening than at night, and at the weekend than on Tuesday', () => {
    const people = events.filter(({ userId }) => users.get(userId)?.bot === false)
    const inHour = (hour: number): number => people.filter((e) => new Date(e.occurredAt).getUTCHours() === hour).length
    expect(inHour(20)).toBeGreaterThan(3 * inHour(3))
    const week = people.filter((e) => e.occurredAt < startAt + 7 * 86_400_000)
    const onDay = (day: number): number => week.filter((e) => new Date(e.occurredAt).getUTCDay() === day).length
    expect(onDay(0)).toBeGreaterThan(1.1 * onDay(2))
  })

  it('clicks as often as it says it will, whatever the position', () => {
    const user = world.users.find(({ bot }) => !bot)!
    const shown = world.items.slice(0, 8).map(({ itemId }) => itemId)
    const rounds = 3_000
    const clicks = shown.map(() => 0)
    for (let n = 0; n < rounds; n++) {
      const answers = world.respond({ requestId: `r${n}`, userId: user.userId, items: shown, shownAt: startAt })
      for (const { type, attribution } of answers) if (type === 'click') clicks[attribution!.position]!++
    }
    for (const [position, itemId] of shown.entries()) {
      const probability = world.clickProbability(user.userId, itemId, position)
      expect(probability).toBeCloseTo(examination(position) * world.relevance(user.userId, itemId), 12)
      const deviation = Math.sqrt((probability * (1 - probability)) / rounds)
      expect(Math.abs(clicks[position]! / rounds - probability)).toBeLessThan(4 * deviation)
    }
    expect(examination(0)).toBe(1)
    expect(examination(5)).toBeLessThan(0.5)
  })

  it('answers a list with interactions that name the request and come after it', () => {
    const { userId } = world.users[0]!
    const shown = world.items.map(({ itemId }) => itemId)
    const answers = world.respond({ requestId: 'r', userId, items: shown, shownAt: startAt })
    expect(answers.length).toBeGreaterThan(0)
    expect(answers.every((each) => each.attribution?.requestId === 'r' && each.occurredAt > startAt)).toBe(true)
    expect(answers.every((each) => shown[each.attribution!.position] === each.itemId)).toBe(true)
  })

  it('refuses a world without users, and questions about who is not in it', () => {
    const empty = (): unknown => simulate({ seed: 1, users: 0, items: 1, events: 1, startAt })
    expect(empty).toThrow(expect.objectContaining({ code: 'invalid-input' }))
    expect(() => world.relevance('nobody', 'item-000')).toThrow(expect.objectContaining({ code: 'not-found' }))
  })
})

function isFavourite(userId: string, itemId: string): boolean {
  const { favourites } = users.get(userId)!
  return items.get(itemId)!.categories.some((category) => favourites.includes(category))
}

function digest(simulation: Simulation): string {
  const said: readonly SimulatedInteraction[] = [...simulation.interactions()]
  const world = [simulation.users, simulation.items].map((all) => JSON.stringify(all))
  return createHash('sha256')
    .update(JSON.stringify([said, world]))
    .digest('hex')
    .slice(0, 16)
}
