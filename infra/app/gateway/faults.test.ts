import { createServer } from 'node:http'
import { randomBytes } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { echo, gateway, sample, upstream, type Behaviour, type Upstream } from './upstream.fixture.ts'

/** Begins to answer, then resets the connection. */
const breakOff: Behaviour = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
  response.write('{"name":"half', () => response.socket?.resetAndDestroy())
}

/** Resets the connection without a byte. */
const reset: Behaviour = (_, response) => void response.socket?.resetAndDestroy()

/** A write as clients send it, with an id of its own. */
function write(url: string, id: string): Promise<Response> {
  return fetch(`${url}/v1/interactions`, { method: 'POST', body: id, headers: { 'content-type': 'application/json' } })
}

async function two(prefix: string): Promise<[Upstream, Upstream]> {
  return [await upstream(`${prefix}-1`), await upstream(`${prefix}-2`)]
}

function ids(...upstreams: readonly Upstream[]): string[] {
  return upstreams.flatMap(({ seen }) => seen.map(({ body }) => body.toString()))
}

describe('An instance that dies', () => {
  it('under reads costs no reader anything', { timeout: 60_000 }, async () => {
    const both = await two('serve')
    const { url } = await gateway(both)
    const statuses: number[] = []
    let asked = 0
    const read = async () => {
      while (asked < 200) {
        asked++
        if (asked === 50) await both[0].kill()
        if (asked === 125) await both[0].restart()
        const answer = await fetch(`${url}/v1/trending?n=${asked}`)
        await answer.json()
        statuses.push(answer.status)
      }
    }
    await Promise.all(Array.from({ length: 16 }, read))
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(statuses.length).toBeGreaterThanOrEqual(200)
  })

  it('in the middle of its answer is replaced: the reader gets the whole answer of another', async () => {
    const both = await two('serve')
    const { url, metrics } = await gateway(both)
    both[0].behave(breakOff)
    for (let i = 0; i < 20; i++) {
      const answer = await fetch(`${url}/v1/trending`)
      expect(await answer.json()).toMatchObject({ name: 'serve-2' })
    }
    const retried = Number(await sample(metrics, 'millrace_gateway_retries_total{role="serve"}'))
    expect(retried).toBe(both[0].seen.length)
    expect(retried).toBeGreaterThan(0)
  })

  it('is replaced once only: a read is sent twice at most', async () => {
    const all = [...(await two('a')), ...(await two('b'))]
    const { url } = await gateway(all)
    for (const each of all) each.behave(reset)
    const answer = await fetch(`${url}/v1/trending`)
    expect(answer.status).toBe(502)
    expect(await answer.json()).toMatchObject({ code: 'upstream-failed' })
    expect(all.reduce((sum, { seen }) => sum + seen.length, 0)).toBe(2)
  })

  it('is asked again where there is no other', async () => {
    const serve = await upstream('serve')
    const { url } = await gateway([serve])
    let broken = 0
    serve.behave((seen, response) => (broken++ === 0 ? breakOff : echo('serve'))(seen, response))
    expect((await fetch(`${url}/v1/trending`)).status).toBe(200)
    expect(serve.seen.length).toBe(2)
  })

  it('gets a POST of a read sent elsewhere with the same body', async () => {
    const both = await two('serve')
    const { url } = await gateway(both)
    both[0].behave(reset)
    both[1].behave((seen, response) => response.end(seen.body))
    const body = JSON.stringify({ userId: 'ann', recent: [] })
    for (let i = 0; i < 10; i++) {
      const answer = await fetch(`${url}/v1/recommendations`, { method: 'POST', body })
      expect(await answer.text()).toBe(body)
    }
    expect(both[0].seen.length).toBeGreaterThan(0)
  })

  it('in the middle of an answer too long to keep breaks the connection of the reader, who sees that it is not whole', async () => {
    const serve = await upstream('serve')
    const { url } = await gateway([serve], [], { limits: { heldBytes: 1_000 } })
    const large = randomBytes(2_000_000)
    serve.behave((_, response) => response.end(large))
    expect(Buffer.from(await (await fetch(`${url}/v1/large`)).arrayBuffer()).equals(large)).toBe(true)
    serve.behave((_, response) => {
      response.writeHead(200, { 'content-length': String(large.length) })
      response.write(large.subarray(0, 1_000_000), () => response.socket?.resetAndDestroy())
    })
    await expect(fetch(`${url}/v1/large`).then((answer) => answer.arrayBuffer())).rejects.toThrow('terminated')
  })
})

describe('A write', () => {
  it('is never sent again once something of it was sent', async () => {
    const both = await two('ingest')
    const { url } = await gateway([], both)
    for (const behaviour of [reset, breakOff]) {
      for (const each of both) each.behave(behaviour)
      const before = ids(...both).length
      const answer = await write(url, `w-${behaviour.name}`)
      expect(answer.status).toBe(502)
      expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('may have been done or not') })
      expect(ids(...both).length).toBe(before + 1)
    }
  })

  it('goes to another instance, whole and once, where no connection could be made', async () => {
    const both = await two('ingest')
    // It does not learn by asking that an instance is gone.
    const { url } = await gateway([], both, { limits: { checkMs: 60_000 } })
    await both[0].kill()
    for (let i = 0; i < 20; i++) expect((await write(url, `w-${i}`)).status).toBe(200)
    expect(ids(...both)).toEqual(Array.from({ length: 20 }, (_, i) => `w-${i}`))
    const bytes = randomBytes(1_000_000)
    const streamed = { method: 'POST', body: new Blob([bytes]).stream(), duplex: 'half' }
    expect((await fetch(`${url}/v1/interactions`, streamed)).status).toBe(200)
    expect(both[1].seen.at(-1)?.body.equals(bytes)).toBe(true)
  })

  it('is refused, not lost, while no instance can be reached, and says that it was not done', async () => {
    const both = await two('ingest')
    const { url } = await gateway([], both, { limits: { checkMs: 60_000 } })
    for (const each of both) await each.kill()
    const answer = await write(url, 'w')
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
  })

  it(
    'under a kill is answered for what arrived: nothing is there twice, nothing answered is missing',
    { timeout: 60_000 },
    async () => {
      const both = await two('ingest')
      const { url } = await gateway([], both)
      const answered: string[] = []
      let next = 0
      const send = async () => {
        while (next < 150) {
          const id = `w-${next++}`
          if (next === 50) await both[1].kill()
          const answer = await write(url, id)
          await answer.text()
          if (answer.status === 200) answered.push(id)
        }
      }
      await Promise.all(Array.from({ length: 8 }, send))
      const arrived = ids(...both)
      expect(new Set(arrived).size).toBe(arrived.length)
      expect(answered.filter((id) => !arrived.includes(id))).toEqual([])
      expect(answered.length).toBeGreaterThan(130)
    },
  )

  it('that is refused early gets the refusal, though the client is still sending', async () => {
    const refusing = createServer((request, response) => {
      if (request.url === '/health/ready') response.end('{}')
      else {
        response.writeHead(413).end('too large')
        request.resume()
      }
    })
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => refusing.closeAllConnections())
    onTestFinished(() => void refusing.close())
    const address = refusing.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const { url } = await gateway([], [], { ingestUrls: [`http://127.0.0.1:${port}`] })
    const answer = await fetch(`${url}/v1/interactions`, { method: 'POST', body: new Uint8Array(5_000_000) })
    expect(answer.status).toBe(413)
  })
})

describe('An instance that hangs', () => {
  it('is left for another, and gets no more requests', async () => {
    const both = await two('serve')
    const { url } = await gateway(both, [], { limits: { readTryMs: 1_000 } })
    both[0].behave(() => {})
    both[0].isReady(undefined)
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`${url}/v1/trending`)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    const hung = both[0].seen.length
    expect(both[0].abandoned()).toBe(hung)
    for (let i = 0; i < 10; i++) expect((await fetch(`${url}/v1/trending`)).status).toBe(200)
    expect(both[0].seen.length).toBe(hung)
  })

  it('costs a write its deadline, and nothing else', async () => {
    const ingest = await upstream('ingest')
    const { url } = await gateway([], [ingest], { limits: { deadlineMs: 300 } })
    ingest.behave(() => {})
    const answer = await write(url, 'w')
    expect(answer.status).toBe(504)
    expect(await answer.json()).toMatchObject({
      code: 'deadline-exceeded',
      detail: expect.stringContaining('may have been done or not'),
    })
    await expect.poll(() => ingest.abandoned()).toBe(1)
    expect(ingest.seen.length).toBe(1)
  })
})
