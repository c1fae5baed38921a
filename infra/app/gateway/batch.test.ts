import { describe, expect, it } from 'vitest'
import { echo, gateway, upstream, type Behaviour } from './upstream.fixture.ts'

const notFound: Behaviour = (_, response) =>
  response.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"status":404,"code":"not-found"}')

interface Answered {
  readonly code?: unknown
  readonly field?: unknown
  readonly responses: readonly { readonly status: number; readonly body: Readonly<Record<string, unknown>> }[]
}

async function batch(url: string, body: unknown, headers: Record<string, string> = {}): Promise<[number, Answered]> {
  const answer = await fetch(`${url}/v1/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return [answer.status, await answer.json()]
}

describe('A batch', () => {
  it('answers every read as it would be alone, in order', async () => {
    const serve = await upstream('serve')
    const { url } = await gateway([serve])
    serve.behave((seen, response) => (seen.url.includes('nope') ? notFound : echo('serve'))(seen, response))
    const requests = [
      { path: '/v1/users/ann/recommendations?limit=3' },
      { method: 'GET', path: '/v1/items/nope' },
      { method: 'POST', path: '/v1/recommendations', body: { limit: 2 } },
      { method: 'GET', path: '/v1/trending' },
    ]
    const [status, body] = await batch(url, { requests }, { authorization: 'Bearer key', 'x-request-id': 'b-1' })
    expect(status).toBe(200)
    const answered = (method: string, path: string, bytes = 0) => ({
      status: 200,
      body: { name: 'serve', method, url: path, bytes },
    })
    expect(body).toEqual({
      responses: [
        answered('GET', '/v1/users/ann/recommendations?limit=3'),
        { status: 404, body: { status: 404, code: 'not-found' } },
        answered('POST', '/v1/recommendations', 11),
        answered('GET', '/v1/trending'),
      ],
    })
    for (const { headers } of serve.seen) {
      expect(headers).toMatchObject({ authorization: 'Bearer key', 'x-request-id': 'b-1' })
      expect(headers.forwarded).toContain('for=127.0.0.1')
    }
    const post = serve.seen.find(({ method }) => method === 'POST')
    expect(post?.body.toString()).toBe('{"limit":2}')
    expect(post?.headers['content-type']).toBe('application/json')
  })

  it('runs its reads at the same time', async () => {
    const serve = await upstream('serve')
    const { url } = await gateway([serve])
    const held: (() => void)[] = []
    serve.behave((seen, response) => {
      held.push(() => echo('serve')(seen, response))
      if (held.length === 20) for (const answer of held.toReversed()) answer()
    })
    const requests = Array.from({ length: 20 }, (_, n) => ({ path: `/v1/trending?n=${n}` }))
    const [status, body] = await batch(url, { requests })
    expect(status).toBe(200)
    expect(body.responses.map((each) => each.body['url'])).toEqual(requests.map(({ path }) => path))
  })

  it.each([
    ['more than 20 reads', Array.from({ length: 21 }, () => ({ path: '/v1/trending' })), 'requests'],
    ['no reads', [], 'requests'],
    ['a write', [{ path: '/v1/trending' }, { method: 'POST', path: '/v1/interactions' }], 'requests.1.method'],
    ['a write by another method', [{ method: 'DELETE', path: '/v1/items/x' }], 'requests.0.method'],
    ['a batch', [{ method: 'POST', path: '/v1/batch' }], 'requests.0.method'],
    ['a training', [{ method: 'POST', path: '/v1/training' }], 'requests.0.method'],
    ['a path elsewhere', [{ path: '/metrics' }], 'requests.0.path'],
    ['a path with a line end', [{ path: '/v1/x\r\nhost: y' }], 'requests.0.path'],
    ['a GET with a body', [{ path: '/v1/trending', body: {} }], 'requests.0.body'],
    ['a field that is not known', [{ path: '/v1/trending', methd: 'GET' }], 'requests.0.methd'],
  ])('of %s is refused with the field at fault, and nothing is asked', async (_, requests, field) => {
    const [serve, ingest] = await Promise.all([upstream('serve'), upstream('ingest')])
    const { url } = await gateway([serve], [ingest])
    const [status, body] = await batch(url, { requests })
    expect([status, body.code, body.field]).toEqual([400, 'invalid-input', field])
    expect([...serve.seen, ...ingest.seen]).toEqual([])
  })

  it('gives what fails a problem of its own, and the others their answer', async () => {
    const serve = await upstream('serve')
    const { url } = await gateway([serve])
    serve.behave((seen, response) => {
      if (seen.url.includes('slow')) return
      if (seen.url.includes('html')) response.end('<html>')
      else echo('serve')(seen, response)
    })
    const requests = [{ path: '/v1/slow' }, { path: '/v1/html' }, { path: '/v1/trending' }, { path: '/v1/training' }]
    const [status, body] = await batch(url, { requests }, { 'x-deadline-ms': '1000' })
    expect(status).toBe(200)
    expect(body.responses.map((each) => [each.status, each.body['code']])).toEqual([
      [504, 'deadline-exceeded'],
      [502, 'upstream-failed'],
      [200, undefined],
      [503, 'unavailable'],
    ])
  })

  it('retries each of its reads by itself', async () => {
    const [one, other] = await Promise.all([upstream('one'), upstream('other')])
    const { url } = await gateway([one, other])
    one.behave((_, response) => void response.socket?.resetAndDestroy())
    const requests = Array.from({ length: 20 }, () => ({ path: '/v1/trending' }))
    const [, body] = await batch(url, { requests })
    expect(new Set(body.responses.map((each) => each.body['name']))).toEqual(new Set(['other']))
    expect(other.seen.length).toBe(20)
  })

  it('is in the description', async () => {
    const { url } = await gateway([await upstream('serve')])
    const answer = await fetch(`${url}/openapi.json`)
    const { paths }: { paths: Record<string, unknown> } = await answer.json()
    expect(paths['/v1/batch']).toMatchObject({
      post: {
        requestBody: {
          content: { 'application/json': { schema: { properties: { requests: { minItems: 1, maxItems: 20 } } } } },
        },
      },
    })
    expect(Object.keys(paths).filter((path) => path.includes('*'))).toEqual([])
  })
})
