import { describe, expect, it } from 'vitest'
import type { RecommendationAnswer } from '#schemas/api/recommendations.ts'
import type { Simulation } from '#producers/sources/simulation.ts'
import { simulate } from '#producers/sources/simulator.ts'
import { temporaryStandalone } from './temporary-standalone.fixture.ts'

const running = temporaryStandalone()
const shoppers = 60

async function post(url: string, elements: readonly object[]): Promise<void> {
  for (let first = 0; first < elements.length; first += 5_000) {
    const body = elements
      .slice(first, first + 5_000)
      .map((element) => `${JSON.stringify(element)}\n`)
      .join('')
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body })
    expect(answer.status).toBe(202)
  }
}

async function list(url: string): Promise<RecommendationAnswer> {
  return (await fetch(url)).json()
}

/** How well lists suit the users they are for, by the truth of the world. */
function suits(world: Simulation, lists: ReadonlyMap<string, readonly string[]>): number {
  const all = Array.from(lists, ([userId, items]) => items.map((itemId) => world.relevance(userId, itemId))).flat()
  return all.reduce((sum, relevance) => sum + relevance, 0) / all.length
}

describe('A simulated shop', () => {
  it('shows its users what truly suits them, and learns from what they do with it', { timeout: 120_000 }, async () => {
    const startAt = Date.now() - 30 * 86_400_000
    const world = simulate({ seed: 11, users: 400, items: 300, events: 12_000, startAt })
    const standalone = await running({ factors: 16 })
    const { url } = standalone
    await post(
      `${url}/v1/items`,
      world.items.map(({ itemId, item }) => ({ id: itemId, ...presentable(item) })),
    )
    await post(`${url}/v1/interactions`, [...world.interactions()])
    await standalone.train()
    await standalone.caughtUp()

    const users = world.users.filter((user) => !user.bot).slice(0, shoppers)
    const personal = new Map<string, readonly string[]>()
    const popular = new Map<string, readonly string[]>()
    const trending = (await list(`${url}/v1/trending?limit=10`)).items.map((item) => item.itemId)
    const responses = []
    for (const { userId } of users) {
      const { items, requestId } = await list(`${url}/v1/users/${userId}/recommendations?limit=10`)
      const shown = items.map((item) => item.itemId)
      personal.set(userId, shown)
      popular.set(userId, trending)
      responses.push(...world.respond({ requestId, userId, items: shown, shownAt: Date.now() }))
    }
    expect(suits(world, personal)).toBeGreaterThan(1.2 * suits(world, popular))

    expect(responses.length).toBeGreaterThan(0)
    await post(`${url}/v1/interactions`, responses)
    await standalone.caughtUp()
    for (const { userId } of users) {
      const acted = responses.filter((response) => response.userId === userId).map((response) => response.itemId)
      const next = await list(`${url}/v1/users/${userId}/recommendations?limit=10`)
      expect(next.items.filter((item) => acted.includes(item.itemId))).toEqual([])
    }
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(Number(/millrace_ctr\{variant="default"\} (\S+)/.exec(metrics)?.[1])).toBeGreaterThan(0)
  })
})

/** What the API takes: absent fields are left out. */
function presentable(item: object): object {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null))
}
