import { afterEach, describe, expect, it } from 'vitest'
import { manualClock } from '#infra/memory/manual-clock.ts'
import { memoryRateLimiter } from '#infra/memory/rate-limiter.ts'
import type { RateLimit } from '#schemas/ports/rate-limiter.ts'
import { perMinute } from './rate-limit.ts'
import { createServer, type Server } from './server.ts'

const servers: Server[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((app) => app.close()))
})

function serverWith(limit: RateLimit, apiKeys: readonly string[] = [], trustedProxies: readonly string[] = []): Server {
  const app = createServer({
    version: '1.2.3',
    ready: () => ({ ready: true, reasons: [] }),
    renderMetrics: () => 'up 1\n',
    apiKeys,
    trustedProxies,
    rateLimit: { limiter: memoryRateLimiter({ clock: manualClock() }), limit },
  })
  servers.push(app)
  void app.register(async (scope: Server) => {
    scope.get('/thing', async () => 'thing')
    scope.post('/things', async () => 'things')
  })
  return app
}

describe('Rate limits', () => {
  it('answer 429 with Retry-After beyond the rate, health and metrics excepted', async () => {
    const app = serverWith({ perSecond: 0.1, burst: 2 })
    const first = await app.inject('/thing')
    expect(first.statusCode).toBe(200)
    expect(first.headers).toMatchObject({ 'ratelimit-policy': '"requests";q=2;w=20', ratelimit: '"requests";r=1;t=10' })
    await app.inject('/nowhere')
    const refused = await app.inject('/thing')
    expect(refused.json()).toMatchObject({ status: 429, code: 'rate-limited' })
    expect(refused.headers['content-type']).toContain('application/problem+json')
    expect(refused.headers).toMatchObject({ 'retry-after': '10', ratelimit: '"requests";r=0;t=20' })
    for (const url of ['/health/live', '/health/ready', '/metrics']) {
      const answer = await app.inject(url)
      expect({ url, status: answer.statusCode }).toEqual({ url, status: 200 })
      expect(answer.headers['ratelimit']).toBeUndefined()
    }
  })

  it('count each API key for itself, wherever its requests come from, and everyone else by address', async () => {
    const app = serverWith({ perSecond: 0.1, burst: 1 }, ['first', 'second'])
    const status = async (remoteAddress: string, key: string) =>
      (await app.inject({ url: '/thing', remoteAddress, headers: { 'x-api-key': key } })).statusCode
    expect(await status('10.0.0.1', 'first')).toBe(200)
    expect(await status('10.0.0.2', 'first')).toBe(429)
    expect(await status('10.0.0.1', 'second')).toBe(200)
    expect(await status('10.0.0.1', 'made up')).toBe(401)
    expect(await status('10.0.0.1', 'made up again')).toBe(429)
    expect(await status('10.0.0.3', 'made up')).toBe(401)
  })

  it('go by the address that a trusted proxy names, and by nothing that anyone else says', async () => {
    const app = serverWith({ perSecond: 0.1, burst: 1 }, [], ['10.1.0.0/16'])
    const status = async (remoteAddress: string, forwarded: string) =>
      (await app.inject({ url: '/thing', remoteAddress, headers: { 'x-forwarded-for': forwarded } })).statusCode
    expect(await status('10.1.0.1', '203.0.113.7')).toBe(200)
    expect(await status('10.1.0.2', '203.0.113.7')).toBe(429)
    expect(await status('10.1.0.2', '203.0.113.8')).toBe(200)
    expect(await status('192.0.2.1', '203.0.113.9')).toBe(200)
    expect(await status('192.0.2.1', '203.0.113.10')).toBe(429)
  })

  it('refuse a proxy that is no address', () => {
    expect(() => serverWith({ perSecond: 1, burst: 1 }, [], ['10.1.0.0/33'])).toThrow('trustedProxies: 10.1.0.0/33')
  })

  it('count nobody for a key while no keys are set', async () => {
    const app = serverWith({ perSecond: 0.1, burst: 1 })
    const status = async (key: string) =>
      (await app.inject({ url: '/thing', headers: { 'x-api-key': key } })).statusCode
    expect([await status('one'), await status('two')]).toEqual([200, 429])
  })

  it('refuse a client that is still sending', async () => {
    const app = serverWith({ perSecond: 0.1, burst: 1 })
    const address = await app.listen({ host: '127.0.0.1', port: 0 })
    const headers = { 'content-type': 'text/plain' }
    const post = (body: string) => fetch(`${address}/things`, { method: 'POST', headers, body })
    expect((await post('small')).status).toBe(200)
    const refused = await post('x'.repeat(20_000_000))
    expect(await refused.json()).toMatchObject({ status: 429, code: 'rate-limited' })
  })

  it('of a minute let as many through at once as in a minute', () => {
    expect(perMinute(120)).toEqual({ perSecond: 2, burst: 120 })
  })
})
