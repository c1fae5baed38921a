import { describe, expect, it } from 'vitest'
import { MillraceError } from '#schemas/errors.ts'
import { httpTarget } from './http-target.ts'
import { lineProgress } from './import-progress.ts'
import type { ImportedInteraction } from './imported-events.ts'
import { sendUnknown } from './known-lines.ts'
import { retriedSend } from './retried-send.ts'
import type { SendBatch } from './send-batch.ts'

const events = [1, 2, 3, 4].map(eventOf)

describe('retriedSend', () => {
  it('sends the very same events until they are answered, waiting longer each time', async () => {
    const waits: number[] = []
    const seen: unknown[] = []
    const send = retriedSend<ImportedInteraction>(
      (batch) => {
        seen.push(batch)
        if (seen.length === 2) throw busy({ retryAfterMs: 9_000 })
        if (seen.length < 4) throw busy({})
        return Promise.resolve({ accepted: batch.length, duplicates: 0, rejected: [] })
      },
      { clock: waitingClock(waits), firstWaitMs: 100 },
    )
    expect(await send(events)).toEqual({ accepted: 4, duplicates: 0, rejected: [] })
    expect(seen).toEqual([events, events, events, events])
    expect(waits).toEqual([100, 9_000, 400])
  })

  it('gives up when the attempts are spent, and at once on what no retry mends', async () => {
    const waits: number[] = []
    const failing = (error: MillraceError): SendBatch<ImportedInteraction> =>
      retriedSend(
        () => {
          throw error
        },
        { clock: waitingClock(waits), attempts: 3 },
      )
    await expect(failing(busy({}))(events)).rejects.toMatchObject({ code: 'overloaded' })
    expect(waits).toHaveLength(2)
    await expect(failing(new MillraceError('unauthorized', 'no key'))(events)).rejects.toMatchObject({
      code: 'unauthorized',
    })
    expect(waits).toHaveLength(2)
  })
})

describe('sendUnknown', () => {
  it('sends only what is not known, and gives rejects their places in the whole batch', async () => {
    const sent: unknown[] = []
    const send = sendUnknown<ImportedInteraction>(
      (batch) => {
        sent.push(...batch)
        return Promise.resolve({ accepted: 1, duplicates: 0, rejected: [{ index: 1, code: 'x', message: 'no' }] })
      },
      (batch) => Promise.resolve(batch.map(({ sequence }) => sequence % 2 === 1)),
    )
    expect(await send(events)).toEqual({
      accepted: 1,
      duplicates: 2,
      rejected: [{ index: 3, code: 'x', message: 'no' }],
    })
    expect(sent).toEqual([events[1], events[3]])
  })
})

describe('httpTarget', () => {
  it('posts lines of JSON to the bulk routes', async () => {
    const requests: [string, RequestInit | undefined][] = []
    const target = targetAnswering((url, init) => {
      requests.push([url, init])
      return json(202, { accepted: 4, duplicates: 0, rejected: [], position: '0.0.3' })
    })
    expect(await target.interactions(events)).toMatchObject({ accepted: 4 })
    expect(requests[0]?.[0]).toBe('http://127.0.0.1:1/v1/interactions')
    const body = textOf(requests[0]?.[1])
    expect(
      body
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual(events)
    expect(requests[0]?.[1]?.headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      authorization: 'Bearer secret',
    })
    await target.items([])
    expect(requests[1]?.[0]).toBe('http://127.0.0.1:1/v1/items')
  })

  it('takes a batch that was refused whole as so many rejects', async () => {
    const rejected = events.map((_event, index) => ({ index, code: 'invalid', field: 'userId', message: 'no' }))
    const answer = await targetAnswering(() => json(400, { rejected }, 'application/problem+json')).interactions(events)
    expect(answer).toEqual({ accepted: 0, duplicates: 0, rejected })
  })

  it('halves a batch that is too large, keeping its order', async () => {
    const sizes: number[] = []
    const target = targetAnswering((_url, init) => {
      const lines = textOf(init).trimEnd().split('\n')
      sizes.push(lines.length)
      if (lines.length > 2 || lines[0]?.includes('"u4"') === true) return json(413, {})
      if (lines.length === 2 && lines[1]?.includes('"u4"') === true) return json(413, {})
      return json(202, { accepted: lines.length, duplicates: 0, rejected: [] })
    })
    expect(await target.interactions(events)).toMatchObject({
      accepted: 3,
      rejected: [{ index: 3, code: 'payload-too-large' }],
    })
    expect(sizes).toEqual([4, 2, 2, 1, 1])
  })

  it.each([
    [503, { code: 'overloaded', retriable: true, facts: { status: 503, retryAfterMs: 2_000 } }],
    [429, { code: 'overloaded', retriable: true }],
    [401, { code: 'unauthorized', retriable: false }],
    [404, { code: 'invalid-input', retriable: false }],
    [200, { code: 'invalid-input', retriable: false }],
  ])('says what an answer of %i means', async (status, error) => {
    const target = targetAnswering(() => json(status, {}, 'application/json', { 'retry-after': '2' }))
    await expect(target.interactions(events)).rejects.toMatchObject(error)
  })

  it('takes an unreachable server as busy', async () => {
    const target = targetAnswering(() => {
      throw new TypeError('fetch failed')
    })
    await expect(target.interactions(events)).rejects.toMatchObject({ code: 'overloaded', retriable: true })
  })
})

describe('lineProgress', () => {
  it('says every five seconds how far it is, how fast, and how long it will take', () => {
    let now = 0
    let written = ''
    const progress = lineProgress({ write: (text) => (written += text) }, { now: () => now })
    progress.begin('a.csv', 100_000)
    now = 1_000
    progress.reached(9_000)
    now = 5_000
    progress.reached(50_000)
    now = 10_000
    progress.reached(100_000)
    progress.end()
    expect(written.split('\n').slice(0, 2)).toEqual([
      'a.csv: 50,000 of 100,000 lines (50 %), 10,000 lines/s, 5 s left',
      'a.csv: 100,000 of 100,000 lines (100 %), 10,000 lines/s, 0 s left',
    ])
  })
})

function eventOf(sequence: number): ImportedInteraction {
  return {
    id: `s:${sequence}`,
    userId: `u${sequence}`,
    itemId: 'i',
    type: 'view',
    occurredAt: 1,
    source: 's',
    sequence,
  }
}

function busy(facts: Readonly<Record<string, unknown>>): MillraceError {
  return new MillraceError('overloaded', 'busy', { retriable: true, facts })
}

function waitingClock(waits: number[]) {
  return {
    now: () => 0,
    sleep(ms: number) {
      waits.push(ms)
      return Promise.resolve()
    },
  }
}

function textOf(init: RequestInit | undefined): string {
  return typeof init?.body === 'string' ? init.body : ''
}

function targetAnswering(answer: (url: string, init?: RequestInit) => Response) {
  const request: typeof fetch = async (url, init) => answer(typeof url === 'string' ? url : '', init)
  return httpTarget({ url: 'http://127.0.0.1:1/', apiKey: 'secret', fetch: request })
}

function json(status: number, body: unknown, type = 'application/json', headers: Record<string, string> = {}) {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': type, ...headers } })
}
