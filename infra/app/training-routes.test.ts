import { describe, expect, it } from 'vitest'
import type { TrainingStatus } from '#schemas/api/operations.ts'
import { temporaryStandalone } from './temporary-standalone.fixture.ts'

const running = temporaryStandalone()

async function ask(url: string, method = 'GET', body?: object): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(url, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return { status: answer.status, body: await answer.json() }
}

async function trained(url: string): Promise<TrainingStatus> {
  for (;;) {
    const status: TrainingStatus = await (await fetch(`${url}/v1/training`)).json()
    if (status.state !== 'running') return status
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
}

/** Ten readers of each of two kinds of books. */
function interactions(): string {
  const lines = Array.from({ length: 20 }, (_, user) =>
    Array.from({ length: 6 }, (_, i) => ({
      userId: `u${user}`,
      itemId: `${user % 2}-${(user + i) % 9}`,
      type: 'like',
    })),
  )
  return lines
    .flat()
    .map((line) => JSON.stringify(line))
    .join('\n')
}

describe('An operator', () => {
  it('trains a running Millrace, looks at its models, and goes back', { timeout: 60_000 }, async () => {
    const standalone = await running({ factors: 8 })
    const { url } = standalone
    expect((await ask(`${url}/v1/models`)).body).toEqual({ items: [] })
    const headers = { 'content-type': 'application/x-ndjson' }
    await fetch(`${url}/v1/interactions`, { method: 'POST', headers, body: interactions() })
    await standalone.caughtUp()
    const versions: string[] = []
    for (let i = 0; i < 2; i++) {
      expect((await ask(`${url}/v1/training`, 'POST', {})).status).toBe(202)
      const status = await trained(url)
      expect(status.state).toBe('published')
      versions.push(status.version ?? '')
    }
    const [first, second] = versions
    const list = await ask(`${url}/v1/models`)
    expect(list.body).toMatchObject({
      items: [
        { version: second, state: 'serving' },
        { version: first, state: 'published' },
      ],
    })
    expect((await ask(`${url}/v1/models/${first}`)).body).toMatchObject({ version: first, users: 20, items: 18 })
    expect(await ask(`${url}/v1/models/rollback`, 'POST', {})).toEqual({ status: 202, body: { version: first } })
    await standalone.caughtUp()
    expect((await ask(`${url}/v1/users/u1/recommendations`)).body).toMatchObject({ modelVersion: first })
  })

  it('is told why a training was impossible', { timeout: 60_000 }, async () => {
    const { url } = await running()
    await ask(`${url}/v1/training`, 'POST', {})
    expect(await trained(url)).toMatchObject({ state: 'failed', reason: expect.stringContaining('no') })
  })

  it('is told of a model that is not there', async () => {
    const { url } = await running()
    expect((await ask(`${url}/v1/models/none`)).status).toBe(404)
    expect((await ask(`${url}/v1/models/rollback`, 'POST', {})).status).toBe(404)
    expect((await ask(`${url}/v1/models/rollback`, 'POST', { versoin: 'x' })).status).toBe(400)
  })
})
