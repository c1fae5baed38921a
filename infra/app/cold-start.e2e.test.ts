import { describe, expect, it } from 'vitest'
import type { RecommendationAnswer } from '#schemas/api/recommendations.ts'
import { simulate } from '#producers/sources/simulator.ts'
import { temporaryStandalone } from './temporary-standalone.fixture.ts'

const running = temporaryStandalone()

async function send(method: 'PUT' | 'POST', url: string, body: string, type = 'application/json'): Promise<void> {
  const answer = await fetch(url, { method, headers: { 'content-type': type }, body })
  expect({ url, status: answer.status, text: answer.ok ? '' : await answer.text() }).toEqual({
    url,
    status: 202,
    text: '',
  })
}

async function post(url: string, elements: readonly object[]): Promise<void> {
  for (let first = 0; first < elements.length; first += 5_000) {
    const lines = elements.slice(first, first + 5_000).map((element) => `${JSON.stringify(element)}\n`)
    await send('POST', url, lines.join(''), 'application/x-ndjson')
  }
}

async function list(url: string, body?: object): Promise<RecommendationAnswer> {
  const asked = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  return (await fetch(url, body === undefined ? {} : asked)).json()
}

describe('A simulated shop', () => {
  it(
    'knows newcomers by profile and context, and new items by what they say and by their own vectors',
    { timeout: 120_000 },
    async () => {
      const startAt = Date.now() - 30 * 86_400_000
      const world = simulate({ seed: 11, users: 400, items: 300, events: 12_000, startAt })
      const standalone = await running({ factors: 16, embeddings: `traits=${world.items[0]!.traits.length}` })
      const { url } = standalone
      await post(
        `${url}/v1/items`,
        world.items.map(({ itemId, item, traits }) => ({ id: itemId, ...presentable(item), embedding: [...traits] })),
      )
      const people = world.users.filter((user) => !user.bot)
      const newcomers = people.slice(0, 60)
      const isNew = new Set(newcomers.map(({ userId }) => userId))
      await post(
        `${url}/v1/interactions`,
        [...world.interactions()].filter(({ userId }) => !isNew.has(userId)),
      )
      for (const { userId, favourites } of people) {
        await send('PUT', `${url}/v1/users/${userId}/profile`, JSON.stringify({ interests: favourites }))
      }
      await standalone.train()
      await standalone.caughtUp()

      const trending = (await list(`${url}/v1/trending?limit=10`)).items
      const suits = (userId: string, items: RecommendationAnswer['items']) =>
        items.reduce((sum, { itemId }) => sum + world.relevance(userId, itemId), 0) / items.length
      let [byProfile, byTrend] = [0, 0]
      for (const { userId } of newcomers) {
        const answer = await list(`${url}/v1/users/${userId}/recommendations?limit=10`)
        expect(answer.degraded).toEqual([])
        expect(new Set(answer.items.map(({ source }) => source))).toContain('profile')
        byProfile += suits(userId, answer.items)
        byTrend += suits(userId, trending)
      }
      expect(byProfile).toBeGreaterThan(1.2 * byTrend)
      expect((await list(`${url}/v1/users/nobody/recommendations`)).degraded).toEqual(['cold'])
      const phone = await list(`${url}/v1/recommendations`, { context: { device: 'phone' } })
      expect(phone.degraded).toEqual([])

      const liked = world.items[3]!
      await send(
        'PUT',
        `${url}/v1/items/said-alike`,
        JSON.stringify({ title: liked.item.title, tags: liked.item.tags, categories: liked.item.categories }),
      )
      await send(
        'PUT',
        `${url}/v1/items/felt-alike`,
        JSON.stringify({ title: 'Zzz', embedding: [...liked.traits], embeddingName: 'traits' }),
      )
      await standalone.caughtUp()
      const similar = (await list(`${url}/v1/items/${liked.itemId}/similar?limit=100`)).items
      expect(similar.map(({ itemId }) => itemId)).toEqual(expect.arrayContaining(['said-alike', 'felt-alike']))
      expect(similar.find(({ itemId }) => itemId === 'felt-alike')!.features['embedding']).toBeCloseTo(0.2, 5)
      const recent = Array.from({ length: 3 }, () => ({ itemId: liked.itemId, type: 'like' }))
      const guest = await list(`${url}/v1/recommendations`, { limit: 100, recent })
      const found = guest.items.filter(({ itemId }) => itemId.endsWith('-alike'))
      expect(found).toHaveLength(2)
      for (const { features } of found) expect(features['factorScore']).toBeGreaterThan(0)

      const manifest = await (await fetch(`${url}/v1/models/${guest.modelVersion}`)).json()
      expect(manifest).toMatchObject({
        content: { items: expect.any(Number), embedding: { name: 'traits', dimension: liked.traits.length } },
        profiles: { users: expect.any(Number) },
      })
      expect(manifest.profiles.users).toBeGreaterThan(200)
      const wrong = await fetch(`${url}/v1/items/x`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: '{"title": "x", "embedding": [1]}',
      })
      expect(await wrong.json()).toMatchObject({ status: 400, field: 'embedding' })
    },
  )
})

/** What the API takes: absent fields are left out. */
function presentable(item: object): object {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null))
}
