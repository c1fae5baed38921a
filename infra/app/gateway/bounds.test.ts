import { request as httpRequest } from 'node:http'
import { describe, expect, it } from 'vitest'
import { echo, gateway, sample, upstream, type Behaviour, type Upstream } from './upstream.fixture.ts'

async function two(prefix: string): Promise<[Upstream, Upstream]> {
  return [await upstream(`${prefix}-1`), await upstream(`${prefix}-2`)]
}

describe('A deadline', () => {
  it(
    'of the client is kept, passed on less what is spent, and ends the request upstream',
    { timeout: 60_000 },
    async () => {
      const serve = await upstream('serve')
      const { url } = await gateway([serve])
      serve.behave(() => {})
      const answer = await fetch(`${url}/v1/trending`, { headers: { 'x-deadline-ms': '1000' } })
      expect(answer.status).toBe(504)
      expect(Number(serve.seen[0]?.headers['x-deadline-ms'])).toBeLessThanOrEqual(1_000)
      await expect.poll(() => serve.abandoned(), { timeout: 20_000 }).toBe(1)
    },
  )

  it('of a retry is what is left', async () => {
    const both = await two('serve')
    const { url } = await gateway(both, [], { limits: { readTryMs: 300 } })
    for (const each of both) each.behave(() => {})
    await fetch(`${url}/v1/trending`, { headers: { 'x-deadline-ms': '1000' } })
    const [first, second] = both
      .flatMap(({ seen }) => seen.map(({ headers }) => Number(headers['x-deadline-ms'])))
      .sort((a, b) => b - a)
    expect(first).toBeLessThanOrEqual(1_000)
    expect(second).toBeLessThanOrEqual(710)
  })

  it('is a number of milliseconds', async () => {
    const serve = await upstream('serve')
    const { url } = await gateway([serve])
    for (const value of ['0', '-5', '1.5', 'soon', '1e9']) {
      const answer = await fetch(`${url}/v1/trending`, { headers: { 'x-deadline-ms': value } })
      expect(answer.status).toBe(400)
      expect(await answer.json()).toMatchObject({ field: 'x-deadline-ms' })
    }
    expect(serve.seen).toEqual([])
  })
})

describe('A client that goes away', () => {
  it('ends its request upstream', async () => {
    const [serve, ingest] = await Promise.all([upstream('serve'), upstream('ingest')])
    const { url, metrics } = await gateway([serve], [ingest])
    for (const each of [serve, ingest]) each.behave(() => {})
    const gone = new AbortController()
    const asked = [
      fetch(`${url}/v1/trending`, { signal: gone.signal }).catch(() => 'gone'),
      fetch(`${url}/v1/interactions`, { method: 'POST', body: 'x', signal: gone.signal }).catch(() => 'gone'),
    ]
    await expect.poll(() => serve.seen.length + ingest.seen.length).toBe(2)
    gone.abort()
    expect(await Promise.all(asked)).toEqual(['gone', 'gone'])
    await expect.poll(() => serve.abandoned() + ingest.abandoned()).toBe(2)
    await expect
      .poll(() => sample(metrics, 'millrace_gateway_requests_total{role="serve",outcome="cancelled"}'))
      .toBe('1')
    expect(await sample(metrics, 'millrace_gateway_instances{role="serve",state="ready"}')).toBe('1')
  })

  it('in the middle of what it sends leaves nothing half done', async () => {
    const ingest = await upstream('ingest')
    const { url } = await gateway([], [ingest])
    const sending = httpRequest(`${url}/v1/interactions`, { method: 'POST', headers: { 'content-length': '1000' } })
    sending.on('error', () => {})
    sending.write('half')
    await new Promise<void>((resolve) =>
      sending.once('socket', (socket) => socket.once('drain', resolve).once('connect', () => resolve())),
    )
    sending.destroy()
    await expect.poll(() => ingest.abandoned()).toBe(1)
    expect(ingest.seen).toEqual([])
    expect((await fetch(`${url}/v1/interactions`, { method: 'POST', body: 'x' })).status).toBe(200)
  })
})

describe('An overloaded instance', () => {
  const shed: Behaviour = (_, response) => response.writeHead(503, { 'retry-after': '7' }).end('{"code":"overloaded"}')

  it('is helped by another, if that takes the read', async () => {
    const both = await two('serve')
    const { url } = await gateway(both)
    both[0].behave(shed)
    for (let i = 0; i < 10; i++) expect((await fetch(`${url}/v1/trending`)).status).toBe(200)
    both[1].behave(shed)
    const answer = await fetch(`${url}/v1/trending`)
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '7'])
  })

  it('is not helped for ever: all together do not get twice the load', { timeout: 60_000 }, async () => {
    const both = await two('serve')
    const { url } = await gateway(both)
    for (const each of both) each.behave(shed)
    for (let i = 0; i < 100; i++) await (await fetch(`${url}/v1/trending`)).text()
    const sent = both[0].seen.length + both[1].seen.length
    expect(sent).toBeGreaterThan(100)
    expect(sent).toBeLessThanOrEqual(100 + 20 + 20)
  })

  it('is not asked beyond its connections', async () => {
    const serve = await upstream('serve')
    const { url } = await gateway([serve], [], { limits: { maxOutstanding: 2 } })
    const held: (() => void)[] = []
    serve.behave((seen, response) => held.push(() => echo('serve')(seen, response)))
    const waiting = [fetch(`${url}/v1/trending`), fetch(`${url}/v1/trending`)]
    await expect.poll(() => held.length).toBe(2)
    const answer = await fetch(`${url}/v1/trending`)
    expect(await answer.json()).toMatchObject({ status: 503, code: 'overloaded' })
    for (const finish of held) finish()
    for (const each of await Promise.all(waiting)) expect(each.status).toBe(200)
  })
})
