import { describe, expect, it } from 'vitest'
import { parsePositions } from '#schemas/position.ts'
import { ingestFixture, now, post } from './ingest.fixture.ts'

const fixture = ingestFixture()

describe('items', () => {
  const film = { title: 'Alien', categories: ['horror'], price: 3.5, currency: 'eur', publishedAt: '1979-05-25' }

  it('are put, removed and read as the fold has written them', async () => {
    const app = fixture.ingest()
    const put = await app.inject({ method: 'PUT', url: '/v1/items/tt%2F1', payload: film })
    expect(put.statusCode).toBe(202)
    expect(parsePositions(put.json().position)).toHaveLength(1)
    expect((await app.inject({ method: 'DELETE', url: '/v1/items/tt%2F1' })).statusCode).toBe(202)
    const item = {
      title: 'Alien',
      description: null,
      categories: ['horror'],
      tags: [],
      attributes: {},
      price: 3.5,
      currency: 'EUR',
      available: true,
      publishedAt: Date.UTC(1979, 4, 25),
      imageUrl: null,
      embedding: null,
      embeddingName: null,
    }
    expect(await fixture.logged('items')).toMatchObject([{ type: 'upsert', itemId: 'tt/1', item }, { type: 'delete' }])

    const unknown = await app.inject('/v1/items/tt%2F1')
    expect(unknown.json()).toMatchObject({ status: 404, code: 'not-found' })
    fixture.items.set('tt/1', { itemId: 'tt/1', item, firstSeenAt: now, updatedAt: now })
    const read = (await app.inject('/v1/items/tt%2F1')).json()
    expect(read).toEqual({
      id: 'tt/1',
      title: 'Alien',
      categories: ['horror'],
      tags: [],
      attributes: {},
      price: 3.5,
      currency: 'EUR',
      available: true,
      publishedAt: Date.UTC(1979, 4, 25),
    })
  })

  it('are refused naming field and reason', async () => {
    const app = fixture.ingest()
    for (const [field, value] of [
      ['title', ''],
      ['title', undefined],
      ['categories', 'horror'],
      ['tags.1', ['a', 7]],
      ['attributes', { nested: {} }],
      ['price', -1],
      ['currency', 'euro'],
      ['publishedAt', '1979-02-30'],
      ['imageUrl', 'javascript:alert(1)'],
      ['imageUrl', '//evil.example/x.png'],
      ['imageUrl', '\\\\evil.example/x.png'],
      ['embedding.1', [1, 'x']],
      ['embedding', Array.from({ length: 4097 }, () => 0)],
      ['titel', 'x'],
    ] as const) {
      const name = field.split('.')[0]!
      const answer = await app.inject({ method: 'PUT', url: '/v1/items/1', payload: { ...film, [name]: value } })
      expect({ field, ...answer.json() }).toMatchObject({ status: 400, field: expect.stringContaining(field) })
    }
    for (const imageUrl of ['https://covers.example/1.jpg', '/covers/1.jpg', 'covers/1.jpg', null]) {
      const answer = await app.inject({ method: 'PUT', url: '/v1/items/1', payload: { ...film, imageUrl } })
      expect({ imageUrl, status: answer.statusCode }).toEqual({ imageUrl, status: 202 })
    }
  })

  it('come in bulk with the same answer as interactions', async () => {
    const app = fixture.ingest()
    const answer = await post(
      app,
      [{ id: '1', ...film }, { id: '2', title: '' }, { id: '3', ...film, source: 's', sequence: 3 }, film],
      {},
      '/v1/items',
    )
    expect(answer).toMatchObject({
      status: 202,
      body: {
        accepted: 2,
        duplicates: 0,
        rejected: [
          { index: 1, id: '2', field: 'title' },
          { index: 3, field: 'id' },
        ],
      },
    })
    const lines = `${JSON.stringify({ id: '4', ...film })}\n${JSON.stringify({ id: '5', ...film })}`
    const ndjson = await post(app, lines, { 'content-type': 'application/x-ndjson' }, '/v1/items')
    expect(ndjson.body.accepted).toBe(2)
    expect((await post(app, [{ id: '2' }], {}, '/v1/items')).status).toBe(400)
    const upserts = (await fixture.logged('items')).map((event) => `${event.itemId} ${event.sequence}`)
    expect(upserts.sort()).toEqual(['1 null', '3 3', '4 null', '5 null'])
  })
})

describe('vectors of items', () => {
  const film = { title: 'Alien' }
  const headers = { 'content-type': 'application/json' }
  const embeddings = new Map([
    ['clip', 3],
    ['text', 2],
  ])
  const put = async (app: ReturnType<typeof fixture.ingest>, given: object) => {
    const answer = await app.inject({
      method: 'PUT',
      url: '/v1/items/1',
      headers,
      payload: JSON.stringify({ ...film, ...given }),
    })
    return { status: answer.statusCode, ...answer.json() }
  }

  it('are of declared names and lengths; others are refused naming the field', async () => {
    const app = fixture.ingest({ embeddings })
    for (const [given, field, message] of [
      [
        { embedding: [1, 2], embeddingName: 'clip' },
        'embedding',
        'embedding must have 3 numbers, as declared for clip, not 2',
      ],
      [{ embedding: [1, 2], embeddingName: 'clop' }, 'embeddingName', 'embeddingName must be one of clip, text'],
      [{ embedding: [1, 2] }, 'embeddingName', 'embeddingName is required: one of clip, text'],
      [{ embeddingName: 'clip' }, 'embedding', 'embedding is required with embeddingName'],
      [{ embedding: [1, null, 3], embeddingName: 'clip' }, 'embedding.1', 'embedding.1 must be number'],
      [{ embedding: [], embeddingName: 'clip' }, 'embedding', 'embedding must not have fewer than 1 items'],
    ] as const) {
      expect(await put(app, given)).toMatchObject({ status: 400, field, detail: message })
    }
    const bulk = await post(app, [{ id: '1', ...film, embedding: [1], embeddingName: 'text' }], {}, '/v1/items')
    expect(bulk.body).toMatchObject({ rejected: [{ index: 0, id: '1', field: 'embedding' }] })
    expect(await fixture.logged('items')).toEqual([])
  })

  it('are refused when a number is too large to be one', async () => {
    const app = fixture.ingest({ embeddings })
    const payload = `{"title": "x", "embeddingName": "text", "embedding": [1, 1e999]}`
    const answer = await app.inject({ method: 'PUT', url: '/v1/items/1', headers, payload })
    expect(answer.json()).toMatchObject({ status: 400, field: 'embedding.1' })
  })

  it('are stored with their name, which may be left out where only one is declared', async () => {
    await put(fixture.ingest({ embeddings }), { embedding: [1, 2, 3], embeddingName: 'clip' })
    await put(fixture.ingest({ embeddings: new Map([['clip', 3]]) }), { embedding: [4, 5, 6] })
    await put(fixture.ingest({ embeddings: new Map([['default', 3]]) }), { embedding: [7, 8, 9] })
    expect(await fixture.logged('items')).toMatchObject([
      { item: { embedding: [1, 2, 3], embeddingName: 'clip' } },
      { item: { embedding: [4, 5, 6], embeddingName: 'clip' } },
      { item: { embedding: [7, 8, 9], embeddingName: null } },
    ])
  })

  it('have no names while none is declared, and then any length', async () => {
    const app = fixture.ingest()
    expect(await put(app, { embedding: [1, 2] })).toMatchObject({ status: 202 })
    expect(await put(app, { embedding: [1, 2], embeddingName: 'clip' })).toMatchObject({
      status: 400,
      field: 'embeddingName',
    })
  })
})

describe('an item larger than a record of the log', () => {
  it('is refused alone, and the largest item that is not refused is taken', async () => {
    const app = fixture.ingest()
    const attributes = (bytes: number) =>
      Object.fromEntries(Array.from({ length: bytes / 4096 }, (_, i) => [`k${i + 100}`, 'v'.repeat(4092)]))
    const most = {
      title: 't'.repeat(1024),
      description: 'd'.repeat(65_536),
      categories: Array.from({ length: 128 }, () => 'c'.repeat(256)),
      tags: Array.from({ length: 512 }, () => 't'.repeat(256)),
      embedding: Array.from({ length: 4096 }, () => 0.1),
      imageUrl: `/${'é'.repeat(2047)}`,
    }
    const items = [
      { id: 'a', ...most, attributes: attributes(524_288) },
      { id: 'b', ...most, attributes: attributes(1_048_576) },
    ]
    const answer = await post(app, items, {}, '/v1/items')
    expect(answer).toMatchObject({
      status: 202,
      body: { accepted: 1, rejected: [{ index: 1, id: 'b', field: 'attributes' }] },
    })
    expect(await fixture.logged('items')).toHaveLength(1)
  })
})

describe('profiles', () => {
  it('are put, removed and read as the fold has written them', async () => {
    const app = fixture.ingest()
    const url = '/v1/users/u1/profile'
    const profile = { attributes: { age: 41 }, interests: ['horror'] }
    expect((await app.inject({ method: 'PUT', url, payload: profile })).statusCode).toBe(202)
    expect((await app.inject({ method: 'PUT', url, payload: {} })).statusCode).toBe(202)
    expect((await app.inject({ method: 'DELETE', url })).statusCode).toBe(202)
    expect(await fixture.logged('profiles')).toMatchObject([
      { type: 'upsert', userId: 'u1', profile },
      { type: 'upsert', profile: { attributes: {}, interests: [] } },
      { type: 'delete' },
    ])
    const wrong = await app.inject({ method: 'PUT', url, payload: { interest: [] } })
    expect(wrong.json()).toMatchObject({ status: 400, field: 'interest' })
    expect((await app.inject(url)).json()).toMatchObject({ status: 404 })
    fixture.profiles.set('u1', profile)
    expect((await app.inject(url)).json()).toEqual(profile)
  })
})

it('describes every way in', async () => {
  const api = (await fixture.ingest().inject('/openapi.json')).json()
  const paths = ['/v1/interactions', '/v1/items', '/v1/items/{id}', '/v1/users/{id}/profile', '/v1/users/{id}/adopt']
  expect(Object.keys(api.paths)).toEqual(expect.arrayContaining(paths))
  const body = api.paths['/v1/interactions'].post.requestBody.content
  expect(Object.keys(body)).toEqual(['application/json', 'application/x-ndjson'])
  expect(body['application/x-ndjson'].schema.required).toEqual(['userId', 'itemId', 'type'])
  expect(Object.keys(api.paths['/v1/interactions'].post.responses)).toEqual(['202', '4XX', '5XX'])
})
