import { describe, expect, it } from 'vitest'
import type { RecommendationAnswer } from '#schemas/api/recommendations.ts'
import { get, idsOf, serverOf, worldWithFilms } from './serving-server.fixture.ts'
import { film, films } from './serving-world.fixture.ts'
import { asked } from './asked.fixture.ts'

function isDrama(itemId: string): boolean {
  return Number(itemId.slice('film-'.length)) % 2 === 0
}

describe('Recommendations', () => {
  it('are what trends, said to be cold, for a user nobody knows', async () => {
    const world = await worldWithFilms()
    for (const user of ['a', 'b', 'c']) await world.rate(user, 'film-3', 5)
    await world.rate('a', 'film-4', 5)
    const answer = await get(await serverOf(world), '/v1/users/stranger/recommendations?limit=2')
    expect(idsOf(answer)).toEqual(['film-3', 'film-4'])
    expect(answer).toMatchObject({ degraded: ['cold'], modelVersion: null })
    expect(answer.items[0]).toMatchObject({ explanation: 'Trending now', source: 'trending', because: [] })
  })

  it('begin, for a user nobody knows, with what trends in the categories of their profile', async () => {
    const world = await worldWithFilms()
    for (const user of ['a', 'b', 'c']) for (const n of [0, 2]) await world.rate(user, `film-${n}`, 5)
    for (const n of [1, 3]) await world.rate('a', `film-${n}`, 5)
    const at = Date.now()
    const profile = { attributes: {}, interests: ['Comedy', 'Western'] }
    const envelope = { id: 'p1', userId: 'stranger', occurredAt: at, acceptedAt: at }
    await world.append('profiles', 'stranger', { type: 'upsert', ...envelope, profile })
    const app = await serverOf(world)
    const answer = await get(app, '/v1/users/stranger/recommendations?limit=4')
    expect(idsOf(answer).map(isDrama)).toEqual([false, false, true, true])
    expect(answer).toMatchObject({ degraded: ['cold'], items: [{ explanation: 'Trending in Comedy' }, {}, {}, {}] })
    const dramas = await get(app, '/v1/users/stranger/recommendations?limit=2&category=Drama')
    expect(idsOf(dramas).every(isDrama)).toBe(true)
    await world.append('profiles', 'stranger', { type: 'delete', ...envelope, id: 'p2' })
    await world.caughtUp()
    expect(
      idsOf(await get(app, '/v1/users/stranger/recommendations?limit=4'))
        .slice(0, 2)
        .every(isDrama),
    ).toBe(true)
  })

  it('follow what a user rated, leave out what was seen, and say why', async () => {
    const world = await worldWithFilms()
    await world.publish('m1')
    await world.rate('ann', 'film-0', 5)
    await world.rate('ann', 'film-1', 1)
    const answer = await get(await serverOf(world), '/v1/users/ann/recommendations?limit=5')
    expect(answer).toMatchObject({ degraded: [], modelVersion: 'm1', generation: 'g1' })
    expect(answer.items).toHaveLength(5)
    expect(idsOf(answer).every(isDrama)).toBe(true)
    expect(idsOf(answer)).not.toContain('film-0')
    const [first] = answer.items
    expect(first!.explanation).toBe('Because you rated Film number 0 highly')
    expect(first!.because[0]!.itemId).toBe('film-0')
    const contributions = first!.because.reduce((sum, { contribution }) => sum + contribution, 0)
    expect(contributions).toBeCloseTo(first!.features['factorScore']!, 5)
    const addends = Object.values(first!.features).reduce((sum, addend) => sum + addend, 0)
    expect(addends).toBeCloseTo(first!.score, 10)
    expect(first!.confidence).toBeGreaterThan(0)
  })

  it('follow what a like says of single others, beside the factors, and say why', async () => {
    const world = await worldWithFilms()
    const [liked, other, count] = [0, 7, films.length]
    const starts = Uint32Array.from({ length: count + 1 }, (_, row) => (row > liked ? 1 : 0))
    const said = { rows: count, columns: count, starts, indices: Uint32Array.of(other), values: Float32Array.of(9) }
    await world.publish('m1', new Map(), count, said)
    await world.rate('ann', films[liked]!, 5)
    const { items } = await get(await serverOf(world), '/v1/users/ann/recommendations?limit=5')
    const [first, second] = items
    expect(first).toMatchObject({ itemId: films[other], source: 'neighbours', because: [{ itemId: films[liked] }] })
    expect(first!.explanation).toBe('Because you rated Film number 0 highly')
    const told = first!.because.reduce((sum, { contribution }) => sum + contribution, 0)
    expect(told).toBeCloseTo(first!.features['factorScore']!, 5)
    expect(first!.features['factorScore']).toBeGreaterThan(second!.features['factorScore']! + 8)
  })

  it('are surer the more is known', async () => {
    const world = await worldWithFilms()
    await world.publish('m1')
    await world.rate('new', 'film-0', 5)
    for (const itemId of ['film-0', 'film-2', 'film-4']) await world.rate('old', itemId, 5)
    const app = await serverOf(world)
    const [fresh, known] = await Promise.all([
      get(app, '/v1/users/new/recommendations?exclude=film-2,film-4'),
      get(app, '/v1/users/old/recommendations'),
    ])
    expect(known.items[0]!.itemId).toBe(fresh.items[0]!.itemId)
    expect(known.items[0]!.confidence).toBeGreaterThan(fresh.items[0]!.confidence)
  })

  it('never repeat on a later page what an earlier one has shown', async () => {
    const world = await worldWithFilms({ serving: { exploration: 0.5 } })
    await world.publish('m1')
    await world.rate('ann', 'film-0', 5)
    const app = await serverOf(world)
    const shown: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`
      const page = await get(app, `/v1/users/ann/recommendations?limit=3${query}`)
      shown.push(...idsOf(page))
      cursor = page.nextCursor
    }
    expect(shown.toSorted()).toEqual(films.filter((itemId) => itemId !== 'film-0').toSorted())
  })

  it('go on from a cursor after another model was switched to, and on another instance', async () => {
    const world = await worldWithFilms({ serving: { exploration: 0.5 } })
    await world.publish('m1')
    await world.rate('ann', 'film-0', 5)
    const first = await get(await serverOf(world), '/v1/users/ann/recommendations?limit=5')
    await world.publish('m2')
    const rest = await get(await serverOf(world), `/v1/users/ann/recommendations?limit=7&cursor=${first.nextCursor}`)
    expect([first.modelVersion, rest.modelVersion]).toEqual(['m1', 'm2'])
    const unseen = films.filter((itemId) => itemId !== 'film-0')
    expect([...idsOf(first), ...idsOf(rest)].toSorted()).toEqual(unseen.toSorted())
  })

  it('refuse the cursor of another user, and one that was tampered with', async () => {
    const world = await worldWithFilms()
    const app = await serverOf(world)
    const { nextCursor } = await get(app, '/v1/users/ann/recommendations?limit=2')
    for (const url of [
      `/v1/users/bob/recommendations?cursor=${nextCursor}`,
      `/v1/users/ann/recommendations?cursor=x${nextCursor}`,
    ]) {
      const answer = await app.inject({ method: 'GET', url })
      expect(answer.statusCode).toBe(400)
      expect(answer.json()).toMatchObject({ code: 'invalid-input', field: 'cursor' })
    }
  })

  it('obey category, exclusions and an allow-list', async () => {
    const world = await worldWithFilms()
    await world.publish('m1')
    await world.rate('ann', 'film-0', 5)
    const app = await serverOf(world)
    const comedies = await get(
      app,
      '/v1/users/ann/recommendations?category=Comedy&exclude=film-1&exclude=film-3,film-5',
    )
    expect(idsOf(comedies).toSorted()).toEqual(['film-11', 'film-7', 'film-9'])
    const payload = { userId: 'ann', items: ['film-0', 'film-2', 'film-3', 'nothing'] }
    const allowed = await app.inject({ method: 'POST', url: '/v1/recommendations', payload })
    expect(idsOf(allowed.json<RecommendationAnswer>())).toEqual(['film-2', 'film-3'])
  })

  it('know a guest by what the request reports', async () => {
    const world = await worldWithFilms()
    await world.publish('m1')
    const app = await serverOf(world)
    const payload = { recent: [{ itemId: 'film-1', type: 'like' }], limit: 3 }
    const answer = await app.inject({ method: 'POST', url: '/v1/recommendations', payload })
    const list = answer.json<RecommendationAnswer>()
    expect(list.degraded).toEqual([])
    expect(idsOf(list).some(isDrama)).toBe(false)
    expect(list.items[0]!.explanation).toBe('Because you liked Film number 1')
  })

  it('lose a deleted and an unavailable item at once, everywhere', async () => {
    const world = await worldWithFilms()
    await world.publish('m1')
    for (const user of ['ann', 'bob']) {
      for (const itemId of ['film-0', 'film-2', 'film-4']) await world.rate(user, itemId, 5)
    }
    await world.rate('cid', 'film-0', 5)
    const app = await serverOf(world)
    const urls = [
      '/v1/users/cid/recommendations',
      '/v1/trending',
      '/v1/items/film-0/similar',
      '/v1/users/x/recommendations',
    ]
    for (const url of urls) expect(idsOf(await get(app, url))).toEqual(expect.arrayContaining(['film-2', 'film-4']))
    await world.remove('film-2')
    await world.put('film-4', film(4, { available: false }))
    await world.caughtUp()
    for (const url of urls) {
      const ids = idsOf(await get(app, url))
      expect(ids).not.toContain('film-2')
      expect(ids).not.toContain('film-4')
    }
    expect((await app.inject({ method: 'GET', url: '/v1/items/film-2/similar' })).statusCode).toBe(404)
    expect((await app.inject({ method: 'GET', url: '/v1/items/unheard-of/similar' })).statusCode).toBe(404)
  })

  it('include an item that came after the training, first by its content, then by its streaming vector', async () => {
    const world = await worldWithFilms()
    await world.publish('m1')
    await world.rate('ann', 'film-0', 5)
    const app = await serverOf(world)
    await world.put('film-12', film(12))
    await world.caughtUp()
    const before = await get(app, '/v1/users/ann/recommendations')
    expect(idsOf(before)).toContain('film-12')
    const vector = Float32Array.of(3, 0.1)
    const event = { type: 'item-vector', itemId: 'film-12', modelVersion: 'm1', madeFrom: 'fold-in', vector } as const
    await world.append('item-vectors', 'film-12', { ...event, positions: [] })
    await world.caughtUp()
    expect(idsOf(await get(app, '/v1/users/ann/recommendations'))[0]).toBe('film-12')
  })

  it('are of the model switched to, and of the one before after a rollback', async () => {
    const world = await worldWithFilms()
    await world.rate('ann', 'film-0', 5)
    const app = await serverOf(world)
    expect(await get(app, '/v1/users/ann/recommendations')).toMatchObject({
      modelVersion: null,
      degraded: ['affinities'],
    })
    await world.publish('m1')
    await world.publish('m2')
    await world.caughtUp()
    expect((await get(app, '/v1/users/ann/recommendations')).modelVersion).toBe('m2')
    await world.switchTo('m1')
    await world.caughtUp()
    expect((await get(app, '/v1/users/ann/recommendations')).modelVersion).toBe('m1')
    expect(world.reported).toEqual([])
  })

  it('have nothing personal left once a user is erased', async () => {
    const world = await worldWithFilms()
    await world.publish('m1')
    await world.rate('ann', 'film-0', 5)
    const app = await serverOf(world)
    expect((await get(app, '/v1/users/ann/recommendations')).degraded).toEqual([])
    const after = await world.erase('ann')
    const answer = await get(app, `/v1/users/ann/recommendations?after=${after}`)
    expect(answer.degraded).toEqual(['cold'])
    expect(answer.items.every((item) => item.because.length === 0)).toBe(true)
  })

  it('record what was shown with the propensity of each draw', async () => {
    const world = await worldWithFilms({ serving: { exploration: 0.3 } })
    await world.publish('m1')
    await world.rate('ann', 'film-0', 5)
    const serving = await world.start()
    await world.caughtUp()
    const answer = await serving.recommend({ ...asked, userId: 'ann', after: undefined })
    await serving.stop()
    const impressions = []
    for (const from of await world.log.bounds('impressions')) {
      for await (const batch of world.log.read('impressions', { ...from, offset: from.start })) {
        for (const record of batch) impressions.push(world.codec.decodeEvent('impressions', record.value))
      }
    }
    expect(impressions).toHaveLength(1)
    expect(impressions[0]).toMatchObject({ requestId: answer.requestId, userId: 'ann', modelVersion: 'm1' })
    expect(impressions[0]!.slots.map((slot) => slot.itemId)).toEqual(idsOf(answer))
    for (const { propensity } of impressions[0]!.slots) {
      expect(propensity).toBeGreaterThan(0)
      expect(propensity).toBeLessThan(1)
    }
  })
})
