import { connect } from 'node:net'
import { Type } from 'typebox'
import { afterEach, describe, expect, it } from 'vitest'
import { Id } from '#schemas/api/text.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { Readiness } from './health-routes.ts'
import { createServer, type Server, type ServerOptions } from './server.ts'

const servers: Server[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((app) => app.close()))
})

function serverWith(options: Partial<ServerOptions> = {}): Server {
  const app = createServer({
    version: '1.2.3',
    ready: () => ({ ready: true, reasons: [] }),
    renderMetrics: () => 'up 1\n',
    ...options,
  })
  servers.push(app)
  void app.register(async (scope: Server) => {
    const query = Type.Object({ limit: Type.Integer({ minimum: 1, default: 7 }) }, { additionalProperties: false })
    scope.get(
      '/v1/things/:id',
      { schema: { params: Type.Object({ id: Id }), querystring: query } },
      async (request) => ({
        id: request.params.id,
        limit: request.query.limit,
      }),
    )
    const body = Type.Object({
      name: Type.String(),
      kind: Type.Optional(Type.Union([Type.Literal('a'), Type.Literal('b')])),
    })
    scope.post('/v1/things', { schema: { body } }, async (request) => ({ name: request.body.name }))
    scope.get('/fails', async () => {
      throw new Error('secret of the inside')
    })
    scope.get('/missing', async () => {
      throw new MillraceError('not-found', 'There is no such thing.')
    })
    scope.get('/open', { config: { open: true } }, async () => 'open')
  })
  return app
}

describe('errors', () => {
  it('are problem details for an unknown path and for a known one under another method', async () => {
    const app = serverWith()
    const unknown = await app.inject('/nowhere?secret=1')
    expect(unknown.statusCode).toBe(404)
    expect(unknown.headers['content-type']).toContain('application/problem+json')
    expect(unknown.json()).toMatchObject({ status: 404, code: 'not-found', detail: 'There is nothing at /nowhere.' })
    const wrongMethod = await app.inject({ method: 'DELETE', url: '/v1/things/1' })
    expect(wrongMethod.statusCode).toBe(405)
    expect(wrongMethod.headers.allow).toBe('GET, HEAD')
  })

  it('name the field and the reason of invalid input', async () => {
    const app = serverWith()
    const cases = [
      { url: '/v1/things/1?limit=0', field: 'limit', detail: 'query: limit must be >= 1' },
      {
        url: '/v1/things/1?limits=0',
        field: 'limits',
        detail: 'query: limits is not a known field; did you mean limit?',
      },
      { url: `/v1/things/${'é'.repeat(129)}`, field: 'id', detail: 'params: id must be at most 256 bytes long' },
      { url: '/v1/things/a%0Ab', field: 'id', detail: 'params: id must not contain control characters' },
    ]
    for (const { url, field, detail } of cases) {
      const answer = await app.inject(url)
      expect(answer.json()).toMatchObject({ status: 400, code: 'invalid-input', field, detail })
    }
    const missing = await app.inject({ method: 'POST', url: '/v1/things', payload: {} })
    expect(missing.json()).toMatchObject({ field: 'name', detail: 'body: name is required' })
    const kind = await app.inject({ method: 'POST', url: '/v1/things', payload: { name: 'x', kind: 'c' } })
    expect(kind.json()).toMatchObject({ field: 'kind', detail: 'body: kind must be one of a, b' })
  })

  it('are problem details for bodies and addresses that cannot be read', async () => {
    const app = serverWith({ bodyLimitBytes: 100 })
    const post = (payload: string, type = 'application/json') =>
      app.inject({ method: 'POST', url: '/v1/things', payload, headers: { 'content-type': type } })
    for (const [answer, status] of [
      [await post('{"name":'), 400],
      [await post(`{"name":"${'x'.repeat(100)}"}`), 413],
      [await post('<a/>', 'text/xml'), 415],
      [await app.inject('/v1/things/%E0%A4%A'), 400],
    ] as const) {
      expect(answer.json()).toMatchObject({ status, type: expect.stringContaining('urn:millrace:problem:') })
      expect(answer.headers['content-type']).toContain('application/problem+json')
    }
  })

  it('say their code, and nothing of the inside', async () => {
    const app = serverWith()
    expect((await app.inject('/missing')).json()).toMatchObject({ status: 404, detail: 'There is no such thing.' })
    const failed = await app.inject('/fails')
    expect(failed.json()).toMatchObject({ status: 500, code: 'internal', instance: expect.stringContaining('urn:') })
    expect(failed.body).not.toContain('secret')
  })

  it('of ours are in the log under the name the client was told; API keys never are', async () => {
    const lines: string[] = []
    const logTo = { write: (line: string) => void lines.push(line) }
    const app = serverWith({ logLevel: 'debug', logTo, apiKeys: ['the-key'] })
    void app.register(async (scope) => {
      scope.get('/logs', async (request) => {
        request.log.info({ req: { headers: request.headers }, headers: request.headers }, 'careless')
        return 'logged'
      })
    })
    const headers = { authorization: 'Bearer the-key', 'x-api-key': 'the-key' }
    const failed = await app.inject({ url: '/fails', headers })
    await app.inject({ url: '/logs', headers })
    await app.inject({ url: '/v1/things/1', headers: { 'x-api-key': 'the-key-but-wrong' } })
    const log = lines.join('')
    expect(log).toContain('secret of the inside')
    expect(log).toContain(failed.json().instance.replace('urn:millrace:request:', ''))
    expect(log).toContain('careless')
    expect(log).not.toContain('the-key')
  })

  it('reach a client that is still sending', async () => {
    const app = serverWith({ bodyLimitBytes: 1000 })
    const address = await app.listen({ host: '127.0.0.1', port: 0 })
    const answer = await fetch(`${address}/v1/things`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: 'x'.repeat(20_000_000),
    })
    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject({ code: 'payload-too-large' })
  })

  it('answer what is not HTTP with problem details too', async () => {
    const app = serverWith()
    const address = await app.listen({ host: '127.0.0.1', port: 0 })
    const socket = connect(Number(new URL(address).port), '127.0.0.1')
    socket.end('NONSENSE\r\n\r\n')
    const text = (await socket.toArray()).join('')
    expect(text).toMatch(/^HTTP\/1\.1 400 /)
    expect(text).toContain('application/problem+json')
  })
})

describe('parameters', () => {
  it('are decoded, converted and given their defaults', async () => {
    const app = serverWith()
    expect((await app.inject('/v1/things/a%2Fb%20c?limit=3')).json()).toEqual({ id: 'a/b c', limit: 3 })
    expect((await app.inject('/v1/things/1')).json()).toEqual({ id: '1', limit: 7 })
    const longest = '🎬'.repeat(64)
    expect((await app.inject(`/v1/things/${encodeURIComponent(longest)}`)).json()).toMatchObject({ id: longest })
  })
})

describe('API keys', () => {
  it('are needed everywhere but on open routes once they are set', async () => {
    const app = serverWith({ apiKeys: ['first', 'second'] })
    for (const url of ['/v1/things/1', '/metrics', '/openapi.json', '/nowhere']) {
      const answer = await app.inject(url)
      expect({ url, status: answer.statusCode }).toEqual({ url, status: 401 })
      expect(answer.headers['www-authenticate']).toContain('Bearer')
      expect(answer.json()).toMatchObject({ code: 'unauthorized' })
    }
    for (const url of ['/health/live', '/health/ready', '/docs', '/open']) {
      expect({ url, status: (await app.inject(url)).statusCode }).toEqual({ url, status: 200 })
    }
  })

  it('come as a bearer token or in X-API-Key', async () => {
    const app = serverWith({ apiKeys: ['first', 'second'] })
    const status = async (headers: Record<string, string>) =>
      (await app.inject({ url: '/v1/things/1', headers })).statusCode
    expect(await status({ authorization: 'Bearer first' })).toBe(200)
    expect(await status({ authorization: 'bearer second' })).toBe(200)
    expect(await status({ 'x-api-key': 'second' })).toBe(200)
    expect(await status({ 'x-api-key': 'third' })).toBe(401)
    expect(await status({ authorization: 'Bearer ' })).toBe(401)
    expect(await status({ authorization: 'Basic first' })).toBe(401)
  })
})

describe('limits', () => {
  it('shed with 503 and Retry-After under pressure, health and metrics excepted', async () => {
    const shed: string[] = []
    const metrics = { count: (name: string) => void shed.push(name), gauge() {}, observe() {} }
    const app = serverWith({ pressure: { maxRssBytes: 1 }, metrics })
    await app.ready()
    await expect.poll(() => app.isUnderPressure(), { timeout: 5_000 }).toBe(true)
    const refused = await app.inject('/v1/things/1')
    expect(refused.json()).toMatchObject({ status: 503, code: 'overloaded' })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(shed).toEqual(['millrace_shed_total'])
    for (const url of ['/health/live', '/health/ready', '/metrics']) {
      expect({ url, status: (await app.inject(url)).statusCode }).toEqual({ url, status: 200 })
    }
  })
})

describe('operations', () => {
  it('say whether the process can serve, and what it waits for', async () => {
    let readiness: Readiness = { ready: false, reasons: ['interactions: 12 behind'] }
    const app = serverWith({ ready: () => readiness })
    const waiting = await app.inject('/health/ready')
    expect(waiting.json()).toMatchObject({ status: 503, code: 'not-ready', reasons: ['interactions: 12 behind'] })
    readiness = { ready: true, reasons: [] }
    expect((await app.inject('/health/ready')).statusCode).toBe(200)
    expect((await app.inject('/metrics')).body).toBe('up 1\n')
  })

  it('describe every route in OpenAPI 3.1, from the schemas that validate', async () => {
    const api = (await serverWith().inject('/openapi.json')).json()
    expect(api.openapi).toBe('3.1.0')
    expect(api.info.version).toBe('1.2.3')
    expect(Object.keys(api.paths)).toEqual(expect.arrayContaining(['/v1/things/{id}', '/health/ready', '/metrics']))
    expect(api.paths['/v1/things/{id}'].get.parameters).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'limit', in: 'query' })]),
    )
  })

  it('send security headers that let a page of plain modules work', async () => {
    const answer = await serverWith().inject('/docs')
    expect(answer.headers['content-type']).toContain('text/html')
    const policy = String(answer.headers['content-security-policy'])
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("img-src 'self' https: data:")
    expect(policy).not.toContain('unsafe-inline')
    expect(answer.headers['x-content-type-options']).toBe('nosniff')
    const app = serverWith()
    const [first, second] = [await app.inject('/docs'), await app.inject('/nowhere')]
    for (const name of ['content-security-policy', 'x-frame-options', 'referrer-policy']) {
      expect(second.headers[name]).toBe(first.headers[name])
      expect(first.headers[name]).toBeDefined()
    }
    for (const url of ['/docs/docs.js', '/docs/docs.css']) expect((await serverWith().inject(url)).statusCode).toBe(200)
  })

  it('finish what is in flight when the server closes', async () => {
    const app = serverWith()
    const entered = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    void app.register(async (scope) => {
      scope.get('/slow', async () => {
        entered.resolve()
        await release.promise
        return { done: true }
      })
    })
    const closing = Promise.withResolvers<void>()
    app.addHook('preClose', async () => closing.resolve())
    const address = await app.listen({ host: '127.0.0.1', port: 0 })
    const answer = fetch(`${address}/slow`)
    await entered.promise
    const closed = app.close()
    await closing.promise
    release.resolve()
    const finished = await answer
    expect(await finished.json()).toEqual({ done: true })
    expect(finished.headers.get('connection')).toBe('close')
    await closed
  })
})
