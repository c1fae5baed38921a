import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { avroCodec } from '#infra/avro/codec.ts'
import { memoryEventLog } from '#infra/memory/event-log.ts'
import { type IngestOptions, ingestRoutes } from '#producers/ingest/ingest-routes.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { EventOf } from '#schemas/events/by-topic.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { UserFeatures } from '#schemas/ports/feature-store.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { parsePositions } from '#schemas/position.ts'
import { blankUserHead, type HistoryEntry } from '#schemas/rows/user-rows.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import type { CatalogueEntry } from '#schemas/ports/feature-store.ts'
import type { Profile } from '#schemas/events/catalogue.ts'
import { createServer, type Server } from './server.ts'

const now = 1_700_000_000_000
const day = 86_400_000
const codec = avroCodec()
const like = { userId: 'u1', itemId: 'i1', type: 'like' }

let log: EventLog
const servers: Server[] = []
const users = new Map<string, UserFeatures>()
const items = new Map<string, CatalogueEntry>()
const profiles = new Map<string, Profile>()

beforeEach(() => {
  log = memoryEventLog({ partitions: 4 })
  users.clear()
  items.clear()
  profiles.clear()
})

afterEach(async () => {
  await Promise.all(servers.splice(0).map((app) => app.close()))
})

function ingest(options: Partial<IngestOptions> = {}): Server {
  const app = createServer({ version: '0', ready: () => ({ ready: true, reasons: [] }), renderMetrics: () => '' })
  servers.push(app)
  let ids = 0
  void app.register(
    ingestRoutes({
      log,
      codec,
      clock: { now: () => now, sleep: async () => {} },
      metrics: noMetrics,
      settings: defaultFoldSettings,
      newId: () => `made-${ids++}`,
      features: {
        user: async (id) => users.get(id),
        profile: async (id) => profiles.get(id),
        catalogueEntry: async (id) => items.get(id),
        foldedTo: async () => Number.MAX_SAFE_INTEGER,
      },
      ...options,
    }),
  )
  return app
}

async function post(app: Server, payload: unknown, headers: Record<string, string> = {}, url = '/v1/interactions') {
  const answer = await app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload),
  })
  return { status: answer.statusCode, headers: answer.headers, body: answer.json() }
}

async function logged<T extends 'interactions' | 'items' | 'profiles'>(topic: T): Promise<EventOf[T][]> {
  const events: EventOf[T][] = []
  for (const { epoch, partition, start } of await log.bounds(topic)) {
    for await (const records of log.read(topic, { epoch, partition, offset: start })) {
      events.push(...records.map((record) => codec.decodeEvent(topic, record.value)))
    }
  }
  return events
}

describe('POST /v1/interactions', () => {
  it('takes one object and answers 202 with where it stands on the log', async () => {
    const answer = await post(ingest(), { ...like, id: 'e1', context: { device: 'phone', hour: 7, new: true } })
    expect(answer.status).toBe(202)
    expect(answer.body).toMatchObject({ accepted: 1, duplicates: 0, rejected: [] })
    expect(parsePositions(answer.body.position)).toHaveLength(1)
    expect(await logged('interactions')).toEqual([
      {
        type: 'interaction',
        id: 'e1',
        userId: 'u1',
        itemId: 'i1',
        action: 'like',
        value: null,
        occurredAt: now,
        acceptedAt: now,
        sessionId: null,
        context: { device: 'phone', hour: '7', new: 'true' },
        attribution: null,
        source: null,
        sequence: null,
        mended: false,
      },
    ])
  })

  it('takes an array, newline-delimited JSON, and either of them gzipped', async () => {
    const app = ingest()
    const lines = `${JSON.stringify(like)}\r\n\n${JSON.stringify(like)}`
    const ndjson = { 'content-type': 'application/x-ndjson; charset=utf-8' }
    expect((await post(app, [like, like])).body.accepted).toBe(2)
    expect((await post(app, lines, ndjson)).body.accepted).toBe(2)
    expect((await post(app, gzipSync(lines), { ...ndjson, 'content-encoding': 'gzip' })).body.accepted).toBe(2)
    expect((await post(app, gzipSync(JSON.stringify(like)), { 'content-encoding': 'gzip' })).body.accepted).toBe(1)
    const ids = (await logged('interactions')).map((event) => event.id)
    expect(new Set(ids).size).toBe(7)
  })

  it('answers 202 for what is valid and names what is not, by index, code and field', async () => {
    const answer = await post(ingest(), [
      like,
      { ...like, id: 'bad', type: 'lik' },
      { ...like, itemID: 'x' },
      { userId: 'u1', type: 'view' },
      { ...like, occurredAt: now + day + 1 },
      { ...like, type: 'rating' },
      { ...like, type: 'rating', value: 6 },
      7,
    ])
    expect(answer.status).toBe(202)
    expect(answer.body.accepted).toBe(1)
    expect(answer.body.rejected).toMatchObject([
      { index: 1, id: 'bad', code: 'unknown-interaction-type', field: 'type' },
      { index: 2, code: 'unknown-field', field: 'itemID', message: expect.stringContaining('did you mean itemId?') },
      { index: 3, code: 'required', field: 'itemId' },
      { index: 4, code: 'in-the-future', field: 'occurredAt' },
      { index: 5, code: 'required', field: 'value' },
      { index: 6, code: 'invalid', field: 'value', message: expect.stringContaining('from 1 to 5') },
      { index: 7, code: 'invalid', field: '' },
    ])
    expect(answer.body.rejected[0].message).toContain('view, click, like, cart, purchase, rating, dislike, remove')
    expect(await logged('interactions')).toHaveLength(1)
  })

  it('answers 400 with the same list when nothing is valid', async () => {
    const answer = await post(ingest(), [
      { ...like, userId: '' },
      { ...like, type: 'lik' },
    ])
    expect(answer.status).toBe(400)
    expect(answer.headers['content-type']).toContain('application/problem+json')
    expect(answer.body).toMatchObject({
      code: 'invalid-input',
      field: 'userId',
      rejected: [{ index: 0, field: 'userId', message: 'userId must not be empty' }, { index: 1 }],
    })
  })

  it('rejects a malformed line by its index and a body that cannot be read at all', async () => {
    const app = ingest()
    const ndjson = { 'content-type': 'application/x-ndjson' }
    const some = await post(app, `${JSON.stringify(like)}\n{"userId":\n${JSON.stringify(like)}\n`, ndjson)
    expect(some.status).toBe(202)
    expect(some.body).toMatchObject({ accepted: 2, rejected: [{ index: 1, code: 'malformed' }] })
    const notUtf8 = Buffer.concat([Buffer.from(`${JSON.stringify(like)}\n"`), Buffer.from([0xff]), Buffer.from('"')])
    expect((await post(app, notUtf8, ndjson)).body).toMatchObject({ accepted: 1, rejected: [{ index: 1 }] })
    for (const [body, headers] of [
      ['{"userId":', {}],
      ['', {}],
      ['[]', {}],
      ['\n\n', ndjson],
      ['nonsense\nnonsense', ndjson],
      ['{"a":1}', { 'content-encoding': 'gzip' }],
      [gzipSync(JSON.stringify([like, like])).subarray(0, 30), { 'content-encoding': 'gzip' }],
      ['{}', { 'content-encoding': 'br' }],
    ] as const) {
      const answer = await post(app, body, headers)
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-input' } })
    }
    expect((await post(app, 'x', { 'content-type': 'text/plain' })).status).toBe(415)
  })

  it('takes integer milliseconds and ISO 8601, and any past', async () => {
    const times = [now + day, 0, -1000, '2023-11-14T22:13:20.500+01:00', '1999-12-31', '2023-11-14T22:13:20Z']
    await post(
      ingest(),
      times.map((occurredAt) => ({ ...like, occurredAt })),
    )
    expect((await logged('interactions')).map((event) => event.occurredAt)).toEqual([
      now + day,
      0,
      -1000,
      now - 3_600_000 + 500,
      Date.UTC(1999, 11, 31),
      now,
    ])
  })

  it('tells repeats from new events and appends them all the same', async () => {
    const app = ingest()
    const first = await post(app, [
      { ...like, id: 'a' },
      { ...like, id: 'a' },
      { ...like, id: 'a', userId: 'u2' },
    ])
    expect(first.body).toMatchObject({ accepted: 2, duplicates: 1 })
    const retried = await post(app, [{ ...like, id: 'a' }])
    expect(retried).toMatchObject({ status: 202, body: { accepted: 0, duplicates: 1, rejected: [] } })
    expect(retried.body.position).not.toBe('')
    expect(await logged('interactions')).toHaveLength(4)
  })

  it('keeps source and sequence of imported events, both or none', async () => {
    const app = ingest()
    const answer = await post(app, [
      { ...like, source: 'digest', sequence: 7, occurredAt: null, sessionId: null },
      { ...like, source: 'digest', sequence: 8, mended: true, id: 'mine' },
      { ...like, source: 'digest' },
      { ...like, sequence: 1 },
      { ...like, mended: true },
      { ...like, source: 'digest', sequence: -1 },
    ])
    expect(answer.body.rejected).toMatchObject([
      { index: 2, field: 'source' },
      { index: 3, field: 'source' },
      { index: 4, field: 'mended' },
      { index: 5, field: 'sequence' },
    ])
    expect(await logged('interactions')).toMatchObject([
      { id: 'digest:7', source: 'digest', sequence: 7, mended: false },
      { id: 'mine', source: 'digest', sequence: 8, mended: true },
    ])
    const again = await post(app, { ...like, source: 'digest', sequence: 7 })
    expect(again.body).toMatchObject({ accepted: 0, duplicates: 1 })
  })

  it('refuses more than 10,000 events, and more than 8 MiB after decompression', async () => {
    const app = ingest()
    expect(
      (
        await post(
          app,
          Array.from({ length: 10_000 }, () => like),
        )
      ).status,
    ).toBe(202)
    expect(
      (
        await post(
          app,
          Array.from({ length: 10_001 }, () => like),
        )
      ).status,
    ).toBe(413)
    const spaces = Buffer.alloc(9 * 1024 * 1024, ' ')
    expect((await post(app, spaces)).status).toBe(413)
    expect((await post(app, gzipSync(spaces), { 'content-encoding': 'gzip' })).status).toBe(413)
    const fits = Buffer.concat([Buffer.from(JSON.stringify(like)), Buffer.alloc(8_000_000, ' ')])
    expect((await post(app, gzipSync(fits), { 'content-encoding': 'gzip' })).status).toBe(202)
  })

  it('answers 503 with Retry-After while too much is on its way to the log, and takes it afterwards', async () => {
    const held = Promise.withResolvers<void>()
    const entered = Promise.withResolvers<void>()
    const slow: EventLog = {
      ...log,
      append: async (topic, records) => {
        entered.resolve()
        await held.promise
        return log.append(topic, records)
      },
    }
    const body = Array.from({ length: 10 }, () => like)
    const app = ingest({ log: slow, limits: { maxBytesInFlight: 1_500 } })
    const first = post(app, body)
    await entered.promise
    const refused = await post(app, body)
    expect(refused).toMatchObject({ status: 503, body: { code: 'overloaded' } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    held.resolve()
    expect((await first).status).toBe(202)
    expect((await post(app, body)).status).toBe(202)
    expect(await logged('interactions')).toHaveLength(20)
  })

  it('never answers 202 when the log did not take it, nor recognises it later', async () => {
    let failure: Error | undefined
    const failing: EventLog = {
      ...log,
      append: async (topic, records) => {
        if (failure !== undefined) throw failure
        return log.append(topic, records)
      },
    }
    const app = ingest({ log: failing })
    for (const [error, status] of [
      [new MillraceError('store-failed', 'disk of 10.0.0.1', { retriable: true }), 503],
      [new MillraceError('stopped', 'closing'), 503],
      [new MillraceError('log-full', 'disk full'), 507],
      [new Error('unexpected'), 500],
    ] as const) {
      failure = error
      const answer = await post(app, { ...like, id: 'once' })
      expect(answer.status).toBe(status)
      expect(JSON.stringify(answer.body)).not.toContain('10.0.0.1')
    }
    failure = undefined
    expect((await post(app, { ...like, id: 'once' })).body).toMatchObject({ accepted: 1, duplicates: 0 })
  })

  it('counts what it accepted, recognised and rejected', async () => {
    const counts: Record<string, number> = {}
    const count = (name: string, by = 1, labels: Readonly<Record<string, string>> = {}) => {
      const key = `${name} ${labels['outcome'] ?? ''}`
      counts[key] = (counts[key] ?? 0) + by
    }
    const observed: string[] = []
    const app = ingest({ metrics: { count, gauge() {}, observe: (name) => void observed.push(name) } })
    await post(app, [{ ...like, id: 'a' }, { ...like, id: 'a' }, { ...like, type: 'x' }, like])
    expect(counts).toEqual({
      'millrace_ingest_events_total accepted': 2,
      'millrace_ingest_events_total duplicate': 1,
      'millrace_ingest_events_total rejected': 1,
    })
    expect(observed).toEqual(['millrace_ingest_latency_seconds'])
  })
})

describe('over a real connection', () => {
  it('a client that is still sending sees its 413', async () => {
    const app = ingest()
    const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/v1/interactions`
    const send = async (body: BodyInit, headers: Record<string, string> = {}, init: object = {}) => {
      const answer = await fetch(url, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
        ...init,
      })
      return { status: answer.status, code: (await answer.json()).code }
    }
    const tooLarge = { status: 413, code: 'payload-too-large' }
    expect(await send('x'.repeat(30_000_000))).toEqual(tooLarge)
    const chunks = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 40; i++) controller.enqueue(Buffer.alloc(500_000, ' '))
        controller.close()
      },
    })
    expect(await send(chunks, {}, { duplex: 'half' })).toEqual(tooLarge)
    const bomb = gzipSync(Buffer.alloc(200_000_000, ' '))
    expect(await send(bomb, { 'content-encoding': 'gzip' })).toEqual(tooLarge)
    expect(await send(JSON.stringify(like))).toEqual({ status: 202, code: undefined })
  })
})

describe('items', () => {
  const film = { title: 'Alien', categories: ['horror'], price: 3.5, currency: 'eur', publishedAt: '1979-05-25' }

  it('are put, removed and read as the fold has written them', async () => {
    const app = ingest()
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
    }
    expect(await logged('items')).toMatchObject([{ type: 'upsert', itemId: 'tt/1', item }, { type: 'delete' }])

    const unknown = await app.inject('/v1/items/tt%2F1')
    expect(unknown.json()).toMatchObject({ status: 404, code: 'not-found' })
    items.set('tt/1', { itemId: 'tt/1', item, firstSeenAt: now, updatedAt: now })
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
    const app = ingest()
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
    const app = ingest()
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
    const upserts = (await logged('items')).map((event) => `${event.itemId} ${event.sequence}`)
    expect(upserts.sort()).toEqual(['1 null', '3 3', '4 null', '5 null'])
  })
})

describe('profiles', () => {
  it('are put, removed and read as the fold has written them', async () => {
    const app = ingest()
    const url = '/v1/users/u1/profile'
    const profile = { attributes: { age: 41 }, interests: ['horror'] }
    expect((await app.inject({ method: 'PUT', url, payload: profile })).statusCode).toBe(202)
    expect((await app.inject({ method: 'PUT', url, payload: {} })).statusCode).toBe(202)
    expect((await app.inject({ method: 'DELETE', url })).statusCode).toBe(202)
    expect(await logged('profiles')).toMatchObject([
      { type: 'upsert', userId: 'u1', profile },
      { type: 'upsert', profile: { attributes: {}, interests: [] } },
      { type: 'delete' },
    ])
    const wrong = await app.inject({ method: 'PUT', url, payload: { interest: [] } })
    expect(wrong.json()).toMatchObject({ status: 400, field: 'interest' })
    expect((await app.inject(url)).json()).toMatchObject({ status: 404 })
    profiles.set('u1', profile)
    expect((await app.inject(url)).json()).toEqual(profile)
  })
})

describe('users', () => {
  const entry = (n: number, offset = n): HistoryEntry => ({
    id: `e${n}`,
    itemId: `i${n}`,
    action: 'rating',
    value: n % 2 === 0 ? 4 : null,
    occurredAt: n,
    acceptedAt: now + n,
    clock: now,
    offset,
    filed: true,
  })
  const user = (history: HistoryEntry[], guests: string[] = [], offset = 9): UserFeatures => ({
    head: { ...blankUserHead(), offset, adopted: guests.map((guestId) => ({ guestId, guestOffset: 1 })) },
    history,
  })

  it('have their counted interactions listed newest first', async () => {
    const app = ingest()
    users.set('u1', user(Array.from({ length: 300 }, (_, n) => entry(n))))
    const two = (await app.inject('/v1/users/u1/interactions?limit=2')).json()
    expect(two).toEqual({
      items: [
        { id: 'e299', itemId: 'i299', type: 'rating', occurredAt: 299, acceptedAt: now + 299 },
        { id: 'e298', itemId: 'i298', type: 'rating', value: 4, occurredAt: 298, acceptedAt: now + 298 },
      ],
    })
    expect((await app.inject('/v1/users/u1/interactions')).json().items).toHaveLength(100)
    expect((await app.inject('/v1/users/u1/interactions?limit=1000')).json().items).toHaveLength(300)
    expect((await app.inject('/v1/users/nobody/interactions')).json()).toEqual({ items: [] })
    for (const limit of ['0', '1001', 'x', '1.5']) {
      const answer = await app.inject(`/v1/users/u1/interactions?limit=${limit}`)
      expect(answer.json()).toMatchObject({ status: 400, field: 'limit' })
    }
  })

  it('are forgotten with every guest they adopted, and theirs', async () => {
    users.set('u1', user([], ['g1', 'g2']))
    users.set('g1', user([], ['g3', 'u1']))
    const answer = await ingest().inject({ method: 'DELETE', url: '/v1/users/u1' })
    expect(answer.statusCode).toBe(202)
    expect(answer.json().erased).toEqual(['g3', 'g2', 'g1', 'u1'])
    const erases = await logged('interactions')
    expect(erases.map((event) => event.type)).toEqual(['erase', 'erase', 'erase', 'erase'])
    expect(erases.map((event) => event.userId).sort()).toEqual(['g1', 'g2', 'g3', 'u1'])
    expect((await logged('profiles')).map((event) => event.userId).sort()).toEqual(['g1', 'g2', 'g3', 'u1'])
    const nobody = await ingest().inject({ method: 'DELETE', url: '/v1/users/nobody' })
    expect(nobody.json()).toMatchObject({ erased: ['nobody'] })
  })

  it('adopt the whole history of a guest', async () => {
    users.set('u1', user([entry(1)], [], 9))
    users.set('g1', user([entry(5, 40), entry(6, 41)]))
    const app = ingest()
    const answer = await post(app, { guestId: 'g1' }, {}, '/v1/users/u1/adopt')
    expect(answer).toMatchObject({ status: 202, body: { carried: 2 } })
    await post(app, { guestId: 'g2' }, {}, '/v1/users/u2/adopt')
    const adopts = await logged('interactions')
    expect(adopts.find((event) => event.userId === 'u1')).toEqual({
      type: 'adopt',
      id: expect.any(String),
      userId: 'u1',
      occurredAt: now,
      acceptedAt: now,
      guestId: 'g1',
      basedOn: 9,
      history: [5, 6].map((n) => ({
        id: `e${n}`,
        itemId: `i${n}`,
        action: 'rating',
        value: n === 6 ? 4 : null,
        occurredAt: n,
        acceptedAt: now + n,
        guestOffset: n + 35,
      })),
    })
    expect(adopts.find((event) => event.userId === 'u2')).toMatchObject({ basedOn: -1, history: [] })
    for (const body of [{}, { guestId: 'u1' }, { guestId: 'a\nb' }, { guestID: 'g' }, []]) {
      expect((await post(app, body, {}, '/v1/users/u1/adopt')).status).toBe(400)
    }
  })

  it('are neither forgotten nor adopted before the fold has seen all their events', async () => {
    await post(ingest(), like)
    let folded = 0
    let waits = 0
    const features = {
      user: async () => undefined,
      profile: async () => undefined,
      catalogueEntry: async () => undefined,
      foldedTo: async () => folded,
    }
    let time = now
    const clock = {
      now: () => time,
      sleep: async (ms: number) => {
        time += ms
        if (++waits === 3) folded = 1
      },
    }
    const answer = await ingest({ features, clock }).inject({ method: 'DELETE', url: '/v1/users/u1' })
    expect({ status: answer.statusCode, waits }).toEqual({ status: 202, waits: 3 })
    folded = -1_000
    const behind = await ingest({ features, clock }).inject({ method: 'DELETE', url: '/v1/users/u1' })
    expect(behind.json()).toMatchObject({ status: 503, code: 'overloaded' })
    expect(await logged('interactions')).toHaveLength(2)
  })
})

it('describes every way in', async () => {
  const api = (await ingest().inject('/openapi.json')).json()
  const paths = ['/v1/interactions', '/v1/items', '/v1/items/{id}', '/v1/users/{id}/profile', '/v1/users/{id}/adopt']
  expect(Object.keys(api.paths)).toEqual(expect.arrayContaining(paths))
  const body = api.paths['/v1/interactions'].post.requestBody.content
  expect(Object.keys(body)).toEqual(['application/json', 'application/x-ndjson'])
  expect(body['application/x-ndjson'].schema.required).toEqual(['userId', 'itemId', 'type'])
  expect(Object.keys(api.paths['/v1/interactions'].post.responses)).toEqual(['202', '4XX', '5XX'])
})
