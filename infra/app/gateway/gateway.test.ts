import { createHash, randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { echo, gateway, sample, upstream } from './upstream.fixture.ts'

async function nameOf(answer: Response): Promise<unknown> {
  const { name }: { name?: unknown } = await answer.json()
  return name
}

describe('The gateway', () => {
  it('sends every read to serving, every write to ingest, and trainings to trainers', async () => {
    const [serve, ingest, train] = await Promise.all([upstream('serve'), upstream('ingest'), upstream('train')])
    const { url } = await gateway([serve], [ingest], { trainUrls: [train.url] })
    const asked: [string, string, string][] = [
      ['GET', '/', 'serve'],
      ['GET', '/console/app.js', 'serve'],
      ['GET', '/v1/users/a/recommendations?limit=3', 'serve'],
      ['GET', '/v1/items/a%2Fb/similar', 'serve'],
      ['GET', '/v1/models', 'serve'],
      ['POST', '/v1/recommendations', 'serve'],
      ['POST', '/v1/interactions', 'ingest'],
      ['PUT', '/v1/items/x', 'ingest'],
      ['DELETE', '/v1/users/x', 'ingest'],
      ['PATCH', '/v1/nothing', 'ingest'],
      ['POST', '/v1/models/rollback', 'train'],
      ['GET', '/v1/training', 'train'],
      ['POST', '/v1/training', 'train'],
    ]
    for (const [method, path, role] of asked) {
      const answer = await fetch(`${url}${path}`, { method })
      expect(await answer.json(), `${method} ${path}`).toEqual({ name: role, method, url: path, bytes: 0 })
    }
  })

  it('passes a body on byte for byte, of known length or not, and what is said about it', async () => {
    const ingest = await upstream('ingest')
    const { url } = await gateway([], [ingest])
    const bytes = randomBytes(3_000_000)
    const digest = createHash('sha256').update(bytes).digest('hex')
    const headers = { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' }
    const streamed = new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 50_000) controller.enqueue(bytes.subarray(at, at + 50_000))
        controller.close()
      },
    })
    for (const body of [bytes, streamed]) {
      const init = { method: 'POST', headers, body, duplex: 'half' }
      expect((await fetch(`${url}/v1/interactions`, init)).status).toBe(200)
      const seen = ingest.seen.at(-1)
      expect(seen?.headers).toMatchObject(headers)
      expect(
        createHash('sha256')
          .update(seen?.body ?? '')
          .digest('hex'),
      ).toBe(digest)
    }
    expect(ingest.seen[0]?.headers['content-length']).toBe('3000000')
  })

  it('says who asked, under which id and how long there is; what belongs to one connection stays there', async () => {
    const serve = await upstream('serve')
    const { url } = await gateway([serve])
    serve.behave((_, response) => {
      response.writeHead(404, { etag: '"x"', 'x-two': ['a', 'b'], connection: 'x-hop', 'x-hop': '1' }).end('gone')
    })
    const { port, host } = new URL(url)
    const answer = await raw(
      Number(port),
      `GET /v1/trending HTTP/1.1\r\nhost: shop.example\r\nconnection: close, x-secret\r\nx-secret: 1\r\nte: trailers\r\nupgrade: h2c\r\nforwarded: for=10.0.0.9\r\nx-forwarded-for: 10.0.0.9\r\nx-request-id: cart-7\r\nx-deadline-ms: 5000\r\naccept: text/x\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 404 /)
    expect(answer).toContain('etag: "x"\r\n')
    expect(answer).toContain('x-two: a\r\nx-two: b\r\n')
    expect(answer).toContain('x-request-id: cart-7\r\n')
    expect(answer).not.toContain('x-hop')
    const { headers = {} } = serve.seen[0] ?? {}
    expect(headers).toMatchObject({
      host: new URL(serve.url).host,
      accept: 'text/x',
      forwarded: 'for=10.0.0.9, for=127.0.0.1;host="shop.example";proto=http',
      'x-forwarded-for': '10.0.0.9, 127.0.0.1',
      'x-request-id': 'cart-7',
    })
    for (const name of ['x-secret', 'te', 'upgrade']) expect(headers).not.toHaveProperty(name)
    const left = Number(headers['x-deadline-ms'])
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(5_000)
    const own = await fetch(`http://${host}/v1/trending`)
    expect(own.headers.get('x-request-id')).toBe(serve.seen[1]?.headers['x-request-id'])
  })

  it('asks the instance with the fewest requests under way', async () => {
    const [slow, quick] = await Promise.all([upstream('slow'), upstream('quick')])
    const { url } = await gateway([slow, quick])
    const held: (() => void)[] = []
    const wait = Promise.withResolvers<void>()
    slow.behave((seen, response) => {
      held.push(() => echo('slow')(seen, response))
      wait.resolve()
    })
    const first = Array.from({ length: 4 }, () => fetch(`${url}/v1/trending`))
    await wait.promise
    await expect.poll(() => slow.seen.length + quick.seen.length).toBe(4)
    const under = held.length
    for (let i = 0; i < 10; i++) expect(await nameOf(await fetch(`${url}/v1/trending`))).toBe('quick')
    expect(held.length).toBe(under)
    for (const answer of held) answer()
    for (const answer of await Promise.all(first)) expect(answer.status).toBe(200)
  })

  it('asks one that says it is not ready only when no other lives', async () => {
    const [ready, unready] = await Promise.all([upstream('ready'), upstream('unready')])
    unready.isReady(false)
    const { url } = await gateway([ready, unready])
    for (let i = 0; i < 10; i++) expect(await nameOf(await fetch(`${url}/v1/trending`))).toBe('ready')
    await ready.kill()
    await expect.poll(async () => nameOf(await fetch(`${url}/v1/trending`))).toBe('unready')
  })

  it('answers 503 with Retry-After where no instance lives, and finds one that comes back', async () => {
    const serve = await upstream('serve')
    const { url, metrics } = await gateway([serve])
    await serve.kill()
    await expect.poll(() => sample(metrics, 'millrace_gateway_instances{role="serve",state="down"}')).toBe('1')
    const answer = await fetch(`${url}/v1/trending`)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(await answer.json()).toMatchObject({ status: 503, code: 'unavailable', instance: expect.any(String) })
    await serve.restart()
    await expect.poll(async () => (await fetch(`${url}/v1/trending`)).status).toBe(200)
  })

  it('finds instances behind a host name, and follows it when it changes', async () => {
    const first = await upstream('first', '127.0.0.2')
    const second = await upstream('second', '127.0.0.3', first.port)
    const third = await upstream('third', '127.0.0.4', first.port)
    let addresses = ['127.0.0.2', '127.0.0.3']
    const { url } = await gateway([], [], {
      serveUrls: [`http://serve.internal:${first.port}`],
      lookup: async (name) => {
        expect(name).toBe('serve.internal')
        if (addresses.length === 0) throw new Error('no name server')
        return addresses
      },
    })
    const names = new Set<unknown>()
    const ask = async () => names.add(await nameOf(await fetch(`${url}/v1/trending`)))
    await expect.poll(async () => (await ask()).size).toBe(2)
    addresses = ['127.0.0.3', '127.0.0.4']
    await expect.poll(async () => (await ask()).has('third')).toBe(true)
    const before = first.seen.length
    addresses = []
    for (let i = 0; i < 20; i++) await ask()
    expect(first.seen.length).toBe(before)
    expect(second.seen.length + third.seen.length).toBeGreaterThan(20)
  })

  it('asks for an API key where there are any, passes it on, and answers pages without', async () => {
    const serve = await upstream('serve')
    const { url } = await gateway([serve], [], { apiKeys: ['a-long-enough-key'] })
    expect((await fetch(`${url}/v1/trending`)).status).toBe(401)
    expect((await fetch(`${url}/`)).status).toBe(200)
    const headers = { authorization: 'Bearer a-long-enough-key' }
    expect((await fetch(`${url}/v1/trending`, { headers })).status).toBe(200)
    expect(serve.seen.map(({ headers }) => headers.authorization)).toEqual([undefined, headers.authorization])
  })

  it('is ready once ingest and serving are, and stays it while one of them is', async () => {
    const [serve, ingest] = await Promise.all([upstream('serve'), upstream('ingest')])
    ingest.isReady(false)
    const started = await gateway([serve], [ingest])
    const { url } = started
    expect(started.ready()).toEqual({ ready: false, reasons: ['ingest: unready'] })
    expect((await fetch(`${url}/health/ready`)).status).toBe(503)
    ingest.isReady(true)
    await expect.poll(async () => (await fetch(`${url}/health/ready`)).status).toBe(200)
    await ingest.kill()
    await expect.poll(async () => (await fetch(`${url}/v1/items`, { method: 'POST' })).status).toBe(503)
    expect(started.ready().ready).toBe(true)
    await serve.kill()
    await expect.poll(() => started.ready().ready).toBe(false)
  })

  it('counts what it sends on', async () => {
    const serve = await upstream('serve')
    const { url, metrics } = await gateway([serve])
    await fetch(`${url}/v1/trending`)
    expect(await sample(metrics, 'millrace_gateway_requests_total{role="serve",outcome="answered"}')).toBe('1')
    expect(await sample(metrics, 'millrace_gateway_latency_seconds_count{role="serve"}')).toBe('1')
    expect(await sample(metrics, 'millrace_gateway_instances{role="serve",state="ready"}')).toBe('1')
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('millrace_gateway_requests_total')
  })

  it('lets requests under way finish when it stops, and closes those that do not', async () => {
    const serve = await upstream('serve')
    const started = await gateway([serve])
    const { url } = started
    const arrived = Promise.withResolvers<() => void>()
    serve.behave((seen, response) => arrived.resolve(() => echo('serve')(seen, response)))
    const answer = fetch(`${url}/v1/trending`)
    const finish = await arrived.promise
    const stopped = started.stop()
    finish()
    expect(await nameOf(await answer)).toBe('serve')
    await stopped
    await expect(fetch(`${url}/v1/trending`)).rejects.toThrow('fetch failed')

    const other = await gateway([serve], [], { limits: { stopMs: 50 } })
    serve.behave(() => {})
    const never = fetch(`${other.url}/v1/trending`).catch(() => 'closed')
    await expect.poll(() => serve.seen.length).toBe(2)
    await other.stop()
    expect(await never).toBe('closed')
  })

  it('describes the routes of every role, where it sends them', async () => {
    const [serve, ingest] = await Promise.all([upstream('serve'), upstream('ingest')])
    const describing = (paths: Record<string, unknown>) => {
      const body = { openapi: '3.1.0', paths, components: { schemas: { A: {} } } }
      return (_: unknown, response: { end(text: string): void }) => response.end(JSON.stringify(body))
    }
    serve.behave(describing({ '/v1/items/{id}': { get: { summary: 'read' } }, '/health/live': { get: {} } }))
    ingest.behave(describing({ '/v1/items/{id}': { put: { summary: 'write' }, get: { summary: 'not here' } } }))
    const { url } = await gateway([serve], [ingest])
    const answer = await fetch(`${url}/openapi.json`)
    const { paths }: { paths: Record<string, Record<string, unknown>> } = await answer.json()
    expect(paths['/v1/items/{id}']).toEqual({ get: { summary: 'read' }, put: { summary: 'write' } })
    expect(Object.keys(paths)).toContain('/v1/batch')
    await ingest.kill()
    expect((await fetch(`${url}/openapi.json`)).status).toBe(200)
  })

  it('says that its port is taken', async () => {
    const { port } = await upstream()
    await expect(gateway([], [], { port })).rejects.toMatchObject({ code: 'address-in-use', facts: { port } })
  })

  it('refuses an address that is none', async () => {
    const started = gateway([], [], { serveUrls: ['serve:8080'] })
    await expect(started).rejects.toMatchObject({ code: 'configuration-invalid' })
  })
})

/** Sends bytes as they are and reads all that comes. */
async function raw(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write(request)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
}
