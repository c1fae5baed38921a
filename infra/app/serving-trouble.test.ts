import { describe, expect, it } from 'vitest'
import { manualClock } from '#infra/memory/manual-clock.ts'
import type { RecommendationAnswer } from '#schemas/api/recommendations.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import { get, idsOf, serverOf, worldWithFilms } from './serving-server.fixture.ts'
import { asked } from './asked.fixture.ts'

describe('Reading your writes', () => {
  it('waits for the position of a 202, so a rating shows in the next list', async () => {
    const world = await worldWithFilms()
    await world.publish('m1')
    const app = await serverOf(world)
    for (const itemId of ['film-0', 'film-2', 'film-4', 'film-6']) {
      const after = await world.rate('ann', itemId, 5)
      const answer = await get(app, `/v1/users/ann/recommendations?after=${after}`)
      expect(answer.degraded).toEqual([])
      expect(idsOf(answer)).not.toContain(itemId)
    }
  })

  it('says behind of a position of another incarnation of the log', async () => {
    const world = await worldWithFilms()
    await world.publish('m1')
    const after = (await world.rate('ann', 'film-0', 5)).replace(/^\d+/, '99')
    const answer = await get(await serverOf(world), `/v1/users/ann/recommendations?after=${after}`)
    expect(answer.degraded).toEqual(['behind'])
  })

  it('says behind once it has waited long enough', async () => {
    const clock = manualClock(Date.now())
    const world = await worldWithFilms({ clock })
    await world.publish('m1')
    const at = await world.rate('ann', 'film-0', 5)
    const serving = await world.start()
    await world.caughtUp()
    const after = at.replace(/\d+$/, '999')
    const answered = new AbortController()
    const asking = serving.recommend({ ...asked, userId: 'ann', after }).finally(() => answered.abort())
    while (!answered.signal.aborted) {
      await new Promise(setImmediate)
      clock.advance(5)
    }
    expect((await asking).degraded).toEqual(['behind'])
    await expect(serving.recommend({ ...asked, userId: 'ann', after: 'rubbish' })).rejects.toMatchObject({
      code: 'invalid-input',
    })
  })
})

describe('A request', () => {
  it('that says what nobody knows is refused naming the field', async () => {
    const app = await serverOf(await worldWithFilms())
    const refusals: [url: string, body: object | undefined, field: string][] = [
      ['/v1/users/ann/recommendations?limt=5', undefined, 'limt'],
      ['/v1/items/film-0/similar?categry=Drama', undefined, 'categry'],
      ['/v1/trending?after=1.0.0', undefined, 'after'],
      ['/v1/catalogue?ids=film-0&limit=1', undefined, 'limit'],
      ['/v1/users?most=1', undefined, 'most'],
      ['/v1/recommendations', { after: 'rubbish' }, 'after'],
      ['/v1/recommendations', { recent: [{ itemId: 'film-0', type: 'lik' }] }, 'recent.0.type'],
      ['/v1/recommendations', { recent: [{ itemId: 'film-0', type: 'rating' }] }, 'recent.0.value'],
    ]
    for (const [url, body, field] of refusals) {
      const answer = await app.inject(body === undefined ? { url } : { method: 'POST', url, payload: body })
      expect({ url, ...answer.json() }).toMatchObject({ url, status: 400, field })
    }
  })
})

describe('Trouble', () => {
  function failing(broken: { user: boolean }): (features: FeatureStore) => FeatureStore {
    return (features) => ({
      ...features,
      user: (userId) =>
        broken.user ? Promise.reject(new MillraceError('store-failed', 'no answer')) : features.user(userId),
    })
  }

  it('in reading a row gives what was cached, what was published, what the session says, or what trends', async () => {
    const broken = { user: false }
    const world = await worldWithFilms({ between: failing(broken) })
    await world.publish('m1', new Map([['bob', ['film-8', 'film-6']]]))
    await world.rate('ann', 'film-0', 5)
    const app = await serverOf(world)
    await get(app, '/v1/users/ann/recommendations')
    broken.user = true
    await world.rate('ann', 'film-2', 5)
    await world.caughtUp()
    expect(await get(app, '/v1/users/ann/recommendations')).toMatchObject({ degraded: ['stale'], modelVersion: 'm1' })
    const lists = await get(app, '/v1/users/bob/recommendations')
    expect(lists.degraded).toEqual(['lists'])
    expect(idsOf(lists)).toEqual(['film-8', 'film-6'])
    expect((await get(app, '/v1/users/cid/recommendations')).degraded).toEqual(['cold'])
    const payload = { userId: 'cid', recent: [{ itemId: 'film-1', type: 'like' }] }
    const session = await app.inject({ method: 'POST', url: '/v1/recommendations', payload })
    expect(session.json<RecommendationAnswer>().degraded).toEqual(['session'])
    expect(world.metrics.value('millrace_degraded_total', { mode: 'stale' })).toBe(1)
    expect(world.reported).toHaveLength(4)
  })

  it('of too many requests at once is answered by 503 before they queue', async () => {
    let release: (() => void) | undefined
    const held = new Promise<void>((resolve) => (release = resolve))
    const between = (features: FeatureStore): FeatureStore => ({
      ...features,
      user: (userId) => held.then(() => features.user(userId)),
    })
    const world = await worldWithFilms({ between, serving: { maxConcurrent: 2 } })
    const app = await serverOf(world)
    const url = '/v1/users/ann/recommendations'
    const admitted = [get(app, url), get(app, url)]
    const shed = await app.inject({ method: 'GET', url })
    expect(shed.statusCode).toBe(503)
    expect(shed.headers['retry-after']).toBeDefined()
    release?.()
    await Promise.all(admitted)
    await get(app, url)
    expect(world.metrics.value('millrace_shed_total')).toBe(1)
  })
})

describe('Caches', () => {
  it('fold a user in once for many requests, and again when the row has changed', async () => {
    const world = await worldWithFilms()
    await world.publish('m1')
    await world.rate('ann', 'film-0', 5)
    const app = await serverOf(world)
    for (let i = 0; i < 3; i++) await get(app, '/v1/users/ann/recommendations')
    expect(world.metrics.value('millrace_fold_ins_total')).toBe(1)
    await world.rate('ann', 'film-2', 5)
    await world.caughtUp()
    expect(idsOf(await get(app, '/v1/users/ann/recommendations'))).not.toContain('film-2')
    expect(world.metrics.value('millrace_fold_ins_total')).toBe(2)
    expect(world.metrics.observations('millrace_freshness_seconds').length).toBeGreaterThanOrEqual(1)
  })

  it('are not used at all when everything is to be fresh', async () => {
    const world = await worldWithFilms({ serving: { freshOnly: true } })
    await world.publish('m1')
    await world.rate('ann', 'film-0', 5)
    const app = await serverOf(world)
    for (let i = 0; i < 3; i++) await get(app, '/v1/users/ann/recommendations')
    expect(world.metrics.value('millrace_fold_ins_total')).toBe(3)
    expect(world.metrics.value('millrace_cache_hits_total')).toBe(0)
  })
})

describe('Trending', () => {
  it('is relative to the newest event, and filled up by all-time popularity, marked as such', async () => {
    const world = await worldWithFilms()
    const day = 86_400_000
    const long = Date.UTC(2015, 0)
    for (let n = 0; n < 9; n++) await world.rate(`u${n}`, 'film-0', 5, long)
    for (let n = 0; n < 3; n++) await world.rate(`u${n}`, 'film-2', 5, long + 400 * day)
    await world.rate('u0', 'film-4', 5, long + 396 * day)
    const { items } = await get(await serverOf(world), '/v1/trending?category=Drama&limit=3')
    expect(items.map(({ itemId, source }) => [itemId, source])).toEqual([
      ['film-2', 'trending'],
      ['film-4', 'trending'],
      ['film-0', 'popular'],
    ])
  })
})

describe('The page', () => {
  it('finds items, categories and users', async () => {
    const world = await worldWithFilms()
    await world.rate('ann', 'film-0', 5)
    await world.rate('bob', 'film-0', 5)
    await world.rate('bob', 'film-1', 5)
    const app = await serverOf(world)
    const answers = await Promise.all(
      ['/v1/catalogue?ids=film-1,none,film-0', '/v1/categories', '/v1/users'].map((url) => app.inject({ url })),
    )
    const [catalogue, categories, users] = answers.map((answer) => answer.json())
    expect(catalogue.items.map((item: { title: string }) => item.title)).toEqual(['Film number 1', 'Film number 0'])
    expect(categories.categories).toContainEqual({ category: 'Drama', items: 6 })
    expect(users.users.map((user: { userId: string }) => user.userId)).toEqual(['bob', 'ann'])
    expect((await app.inject({ url: `/v1/catalogue?ids=${'a,'.repeat(101)}` })).statusCode).toBe(400)
  })
})

describe('The description', () => {
  it('says of every operation what it does, what it answers and that it may refuse', async () => {
    const app = await serverOf(await worldWithFilms())
    const { paths } = (await app.inject({ url: '/openapi.json' })).json()
    const operations = Object.values<object>(paths).flatMap((path) => Object.values(path))
    expect(operations.length).toBeGreaterThan(9)
    for (const { summary, responses } of operations) {
      expect({ summary, answers: Object.keys(responses) }).toEqual({
        summary: expect.any(String),
        answers: expect.arrayContaining(['200', '4XX', '5XX']),
      })
    }
  })
})

describe('A new instance', () => {
  it('is not ready before it has caught up, and then without a model', async () => {
    const world = await worldWithFilms()
    const serving = await world.start()
    expect(serving.ready().ready).toBe(false)
    await world.caughtUp()
    expect(serving.ready()).toEqual({ ready: true, reasons: [] })
  })
})
