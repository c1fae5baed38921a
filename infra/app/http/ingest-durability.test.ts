import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { MillraceError } from '#schemas/errors.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import { ingestFixture, like, post } from './ingest.fixture.ts'

const fixture = ingestFixture()

describe('POST /v1/interactions', () => {
  it('tells repeats from new events and appends them all the same', async () => {
    const app = fixture.ingest()
    const first = await post(app, [
      { ...like, id: 'a' },
      { ...like, id: 'a' },
      { ...like, id: 'a', userId: 'u2' },
    ])
    expect(first.body).toMatchObject({ accepted: 2, duplicates: 1 })
    const retried = await post(app, [{ ...like, id: 'a' }])
    expect(retried).toMatchObject({ status: 202, body: { accepted: 0, duplicates: 1, rejected: [] } })
    expect(retried.body.position).not.toBe('')
    expect(await fixture.logged('interactions')).toHaveLength(4)
  })

  it('keeps source and sequence of imported events, both or none', async () => {
    const app = fixture.ingest()
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
    expect(await fixture.logged('interactions')).toMatchObject([
      { id: 'digest:7', source: 'digest', sequence: 7, mended: false },
      { id: 'mine', source: 'digest', sequence: 8, mended: true },
    ])
    const again = await post(app, { ...like, source: 'digest', sequence: 7 })
    expect(again.body).toMatchObject({ accepted: 0, duplicates: 1 })
  })

  it('refuses more than 10,000 events, and more than 8 MiB after decompression', async () => {
    const app = fixture.ingest()
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
      ...fixture.log,
      append: async (topic, records) => {
        entered.resolve()
        await held.promise
        return fixture.log.append(topic, records)
      },
    }
    const body = Array.from({ length: 10 }, () => like)
    const app = fixture.ingest({ log: slow, limits: { maxBytesInFlight: 1_500 } })
    const first = post(app, body)
    await entered.promise
    const refused = await post(app, body)
    expect(refused).toMatchObject({ status: 503, body: { code: 'overloaded' } })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    held.resolve()
    expect((await first).status).toBe(202)
    expect((await post(app, body)).status).toBe(202)
    expect(await fixture.logged('interactions')).toHaveLength(20)
  })

  it('never answers 202 when the log did not take it, nor recognises it later', async () => {
    let failure: Error | undefined
    const failing: EventLog = {
      ...fixture.log,
      append: async (topic, records) => {
        if (failure !== undefined) throw failure
        return fixture.log.append(topic, records)
      },
    }
    const app = fixture.ingest({ log: failing })
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
    const app = fixture.ingest({ metrics: { count, gauge() {}, observe: (name) => void observed.push(name) } })
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
    const app = fixture.ingest()
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
