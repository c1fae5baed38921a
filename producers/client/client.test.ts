import { Value } from 'typebox/value'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { interactionInput } from '#schemas/api/interactions.ts'
import { ProfileInput } from '#schemas/api/profiles.ts'
import { RecommendationBody, type RecommendationAnswer } from '#schemas/api/recommendations.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import type { Interaction, Recommendation } from './index.ts'
import {
  accept,
  cutShort,
  eventsOf,
  itemsOf,
  json,
  lost,
  overloaded,
  scripted,
  type Act,
} from './scripted-server.fixture.ts'

const click = (itemId: string): Interaction => ({ userId: 'u', itemId, type: 'click' })

afterEach(() => vi.unstubAllGlobals())

describe('recordInteraction', () => {
  it('sends interactions in batches, in order, with ids and times of its own', async () => {
    const { client, sent } = scripted([accept, accept], { batchSize: 2 })
    const answers = await Promise.all(['a', 'b', 'c'].map((item) => client.recordInteraction(click(item))))
    expect(sent.map(itemsOf)).toEqual([['a', 'b'], ['c']])
    const events = sent.flatMap(eventsOf)
    expect(new Set(events.map((event) => event.id)).size).toBe(3)
    for (const event of events) expect(event).toMatchObject({ id: expect.any(String), occurredAt: expect.any(Number) })
    expect(answers).toEqual([{ position: '0.0.1' }, { position: '0.0.1' }, { position: '0.0.1' }])
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer secret')
  })

  it('makes an id where a caller says it is undefined', async () => {
    const { client, sent } = scripted([accept])
    await client.recordInteraction(JSON.parse('{"userId":"u","itemId":"a","type":"click","id":null}'))
    expect(eventsOf(sent[0]!)[0]?.id).toEqual(expect.any(String))
  })

  it('sends the same bytes again after a lost answer, an overload and a stranger, and keeps what follows behind', async () => {
    const script: Act[] = [
      lost,
      overloaded('3'),
      () => new Response('<html>', { status: 200 }),
      cutShort,
      accept,
      accept,
    ]
    const { client, sent, slept } = scripted(script, { batchSize: 1, random: () => 0.5 })
    await Promise.all([client.recordInteraction(click('a')), client.recordInteraction(click('b'))])
    expect(new Set(sent.slice(0, 5).map((each) => each.body)).size).toBe(1)
    expect(sent.map(itemsOf)).toEqual([['a'], ['a'], ['a'], ['a'], ['a'], ['b']])
    expect(slept).toEqual([100, 3_000, 400, 800])
  })

  it('never acknowledges what a 202 does not account for', async () => {
    const short = () => json(202, { accepted: 1, duplicates: 0, rejected: [], position: '0.0.1' })
    const { client } = scripted([short, short], { retries: 1, batchSize: 2 })
    const outcomes = await Promise.allSettled([
      client.recordInteraction(click('a')),
      client.recordInteraction(click('b')),
    ])
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected'])
  })

  it('rejects only the interactions that were rejected, with field and reason', async () => {
    const partly = () =>
      json(202, {
        accepted: 1,
        duplicates: 1,
        rejected: [{ index: 1, code: 'required', field: 'value', message: 'is required for a rating' }],
        position: '0.0.9',
      })
    const { client } = scripted([partly], { batchSize: 3 })
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((item) => client.recordInteraction(click(item))))
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(outcomes[1]).toMatchObject({
      reason: { name: 'MillraceClientError', code: 'required', field: 'value', reason: 'is required for a rating' },
    })
  })

  it('tells each its own reason when all are rejected, and goes on', async () => {
    const all = () =>
      json(400, {
        code: 'invalid-input',
        detail: 'Every interaction was rejected.',
        rejected: [{ index: 0, code: 'not-among', field: 'type', message: 'must be one of view, click' }],
      })
    const { client, sent } = scripted([all, accept], { batchSize: 1 })
    await expect(client.recordInteraction(click('a'))).rejects.toMatchObject({ code: 'not-among', field: 'type' })
    await client.recordInteraction(click('b'))
    expect(sent).toHaveLength(2)
  })

  it('gives up on a refusal at once and on silence after its retries, with status and problem', async () => {
    const refused = () => json(401, { code: 'unauthorized', title: 'Unauthorized' })
    const { client, sent } = scripted([refused, lost, lost], { batchSize: 1, retries: 1 })
    await expect(client.recordInteraction(click('a'))).rejects.toMatchObject({
      code: 'unauthorized',
      status: 401,
      problem: { title: 'Unauthorized' },
    })
    await expect(client.recordInteraction(click('b'))).rejects.toMatchObject({ code: 'unreachable' })
    expect(sent).toHaveLength(3)
  })

  it('refuses one more than the queue holds, and takes more once there is room', async () => {
    const { client } = scripted([accept, accept], { batchSize: 2, maxQueue: 2 })
    const first = [client.recordInteraction(click('a')), client.recordInteraction(click('b'))]
    await expect(client.recordInteraction(click('c'))).rejects.toMatchObject({ code: 'queue-full' })
    await Promise.all(first)
    const last = client.recordInteraction(click('c'))
    await client.flush()
    await last
  })

  it('sends all that waits on close, and refuses what comes later', async () => {
    const { client, sent } = scripted([lost, accept], { flushIntervalMs: 1_000_000 })
    const recorded = client.recordInteraction(click('a'))
    await client.close()
    await recorded
    expect(sent).toHaveLength(2)
    await expect(client.recordInteraction(click('b'))).rejects.toMatchObject({ code: 'closed' })
    await expect(client.updateUserProfile('u', {})).rejects.toMatchObject({ code: 'closed' })
  })

  it('keeps a request within a megabyte', async () => {
    const { client, sent } = scripted([accept, accept])
    const wide = (item: string) => client.recordInteraction({ ...click(item), context: { text: 'é'.repeat(300_000) } })
    const all = [wide('a'), wide('b')]
    await client.close()
    await Promise.all(all)
    expect(sent.map(itemsOf)).toEqual([['a'], ['b']])
  })

  it('sends a copy under the same ids when the page is hidden', async () => {
    const page = new EventTarget()
    vi.stubGlobal('onpagehide', null)
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
    const { client, sent } = scripted([accept, accept], { flushIntervalMs: 1_000_000 })
    const recorded = client.recordInteraction(click('a'))
    page.dispatchEvent(new Event('pagehide'))
    expect(sent.map((each) => each.keepalive)).toEqual([true])
    await client.close()
    await recorded
    expect(sent.map((each) => each.keepalive)).toEqual([true, false])
    expect(sent[1]?.body).toBe(sent[0]?.body)
    page.dispatchEvent(new Event('pagehide'))
    expect(sent).toHaveLength(2)
  })
})

describe('Lists', () => {
  const item = { itemId: 'i/1', score: 1, confidence: 0.5, explanation: '', because: [], features: {}, source: 'model' }
  const answer: RecommendationAnswer = {
    items: [{ ...item, position: 0 }],
    requestId: 'r',
    modelVersion: null,
    generation: null,
    variant: 'default',
    degraded: [],
    nextCursor: 'next',
  }

  it('are arrays that carry what is true of the whole answer', async () => {
    const { client } = scripted([() => json(200, answer)])
    const list = await client.getRecommendations('u')
    const first: Recommendation | undefined = list[0]
    expect(first).toEqual(answer.items[0])
    expect([list.requestId, list.nextCursor, list.length]).toEqual(['r', 'next', 1])
  })

  it('are asked for by GET where an address can say it all, else by POST', async () => {
    const { client, sent } = scripted(Array.from({ length: 5 }, () => () => json(200, answer)))
    await client.getRecommendations(
      'a/b',
      { device: 'phone', location: 'Bern', sessionId: 's' },
      { exclude: ['x', 'y'] },
    )
    await client.getRecommendations('u', { time: 0, sessionFeatures: { dark: true } }, { limit: 5 })
    await client.getRecommendations('u', {}, { items: ['a'] })
    await client.getSimilarItems('i/1', { limit: 3 })
    await client.getTrendingItems('Film noir')
    expect(sent.map((each) => `${each.method} ${each.url}`)).toEqual([
      'GET http://test/base/v1/users/a%2Fb/recommendations?exclude=x&exclude=y&device=phone&location=Bern&session=s',
      'POST http://test/base/v1/recommendations',
      'POST http://test/base/v1/recommendations',
      'GET http://test/base/v1/items/i%2F1/similar?limit=3',
      'GET http://test/base/v1/trending?category=Film+noir',
    ])
    expect(JSON.parse(sent[1]!.body)).toEqual({
      userId: 'u',
      limit: 5,
      context: { time: 0, sessionFeatures: { dark: true } },
    })
  })

  it('reject with the problem the server tells, and with what is no list', async () => {
    const missing = () => json(404, { code: 'not-found', detail: 'There is no item x.' })
    const { client } = scripted([missing, () => new Response('hello')], { readRetries: 0 })
    await expect(client.getSimilarItems('x')).rejects.toMatchObject({
      code: 'not-found',
      status: 404,
      message: 'There is no item x.',
    })
    await expect(client.getTrendingItems()).rejects.toMatchObject({ code: 'unreachable', status: 200 })
  })
})

describe('updateUserProfile', () => {
  it('puts profiles one after the other, retries included', async () => {
    const put = () => json(202, { position: '0.0.2' })
    const { client, sent } = scripted([lost, put, put])
    await Promise.all([
      client.updateUserProfile('u', { interests: ['a'] }),
      client.updateUserProfile('u', { interests: ['b'] }),
    ])
    expect(sent.map((each) => `${each.method} ${each.body}`)).toEqual([
      'PUT {"interests":["a"]}',
      'PUT {"interests":["a"]}',
      'PUT {"interests":["b"]}',
    ])
  })
})

it('says only what the API takes', async () => {
  const put = () => json(202, { position: '0.0.2' })
  const { client, sent } = scripted([accept, put, () => json(404, { code: 'not-found' })])
  await client.recordInteraction({
    ...click('a'),
    type: 'rating',
    value: 4,
    sessionId: 's',
    context: { dark: true, width: 800, page: 'home' },
    attribution: { requestId: 'r', position: 0 },
  })
  await client.updateUserProfile('u', { attributes: { age: 30, member: true }, interests: ['a'] })
  const everything = { limit: 5, category: 'c', exclude: ['x'], items: ['a'], cursor: 'n', after: '0.0.2' }
  const recent = [{ itemId: 'a', type: 'rating', value: 4 }]
  const context = { location: 'l', device: 'd', time: 0, sessionId: 's', sessionFeatures: { dark: true } }
  await client.getRecommendations('u', context, { ...everything, recent }).catch((error: unknown) => error)
  expect(Value.Check(interactionInput(defaultFoldSettings), eventsOf(sent[0]!)[0])).toBe(true)
  expect(Value.Check(ProfileInput, JSON.parse(sent[1]!.body))).toBe(true)
  expect(Value.Check(RecommendationBody, JSON.parse(sent[2]!.body))).toBe(true)
  expect(JSON.parse(sent[2]!.body)).toMatchObject({ context: { session: 's' }, recent })
})
