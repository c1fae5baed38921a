import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { parsePositions } from '#schemas/position.ts'
import { ingestFixture, like, now, post } from './ingest.fixture.ts'

const fixture = ingestFixture()
const day = 86_400_000

describe('POST /v1/interactions', () => {
  it('takes one object and answers 202 with where it stands on the log', async () => {
    const answer = await post(fixture.ingest(), { ...like, id: 'e1', context: { device: 'phone', hour: 7, new: true } })
    expect(answer.status).toBe(202)
    expect(answer.body).toMatchObject({ accepted: 1, duplicates: 0, rejected: [] })
    expect(parsePositions(answer.body.position)).toHaveLength(1)
    expect(await fixture.logged('interactions')).toEqual([
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
    const app = fixture.ingest()
    const lines = `${JSON.stringify(like)}\r\n\n${JSON.stringify(like)}`
    const ndjson = { 'content-type': 'application/x-ndjson; charset=utf-8' }
    expect((await post(app, [like, like])).body.accepted).toBe(2)
    expect((await post(app, lines, ndjson)).body.accepted).toBe(2)
    expect((await post(app, gzipSync(lines), { ...ndjson, 'content-encoding': 'gzip' })).body.accepted).toBe(2)
    expect((await post(app, gzipSync(JSON.stringify(like)), { 'content-encoding': 'gzip' })).body.accepted).toBe(1)
    const ids = (await fixture.logged('interactions')).map((event) => event.id)
    expect(new Set(ids).size).toBe(7)
  })

  it('answers 202 for what is valid and names what is not, by index, code and field', async () => {
    const answer = await post(fixture.ingest(), [
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
    expect(await fixture.logged('interactions')).toHaveLength(1)
  })

  it('lets a small request pass while a large one is judged', async () => {
    const app = fixture.ingest()
    await app.ready()
    const large = Array.from({ length: 10_000 }, (_, i) => (i % 2_000 === 1_999 ? { ...like, userId: '' } : like))
    const answered: number[] = []
    const answers = [post(app, large), post(app, like)].map(async (sent) => {
      const answer = await sent
      answered.push(answer.body.accepted)
      return answer
    })
    const [ofLarge] = await Promise.all(answers)
    expect(answered).toEqual([1, 9_995])
    const refused = ofLarge?.body.rejected.map((each: { readonly index: number }) => each.index)
    expect(refused).toEqual([1_999, 3_999, 5_999, 7_999, 9_999])
  })

  it('names every line of newline-delimited JSON also when none can be read', async () => {
    const answer = await post(fixture.ingest(), '{oops\n\nnope', { 'content-type': 'application/x-ndjson' })
    const rejected = [0, 1].map((index) => ({ index, code: 'malformed', field: '' }))
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-input', rejected } })
  })

  it('answers 400 with the same list when nothing is valid', async () => {
    const answer = await post(fixture.ingest(), [
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
    const app = fixture.ingest()
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
      fixture.ingest(),
      times.map((occurredAt) => ({ ...like, occurredAt })),
    )
    expect((await fixture.logged('interactions')).map((event) => event.occurredAt)).toEqual([
      now + day,
      0,
      -1000,
      now - 3_600_000 + 500,
      Date.UTC(1999, 11, 31),
      now,
    ])
  })
})
