import { expect, it, onTestFinished } from 'vitest'
import type { BatchAnswer } from '#schemas/api/batch.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { temporaryStandalone } from '../temporary-standalone.fixture.ts'
import { startGateway } from './gateway.ts'

const running = temporaryStandalone()

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

it('Everything that Millrace answers is answered through the gateway', async () => {
  const { url: instance } = await running()
  const urls = [instance]
  const gateway = await startGateway({
    ingestUrls: urls,
    serveUrls: urls,
    trainUrls: urls,
    host: '127.0.0.1',
    port: 0,
    metrics: noMetrics,
    renderMetrics: () => '',
    report: () => {},
  })
  onTestFinished(() => gateway.stop())
  const { url } = gateway
  const send = (method: string, path: string, body: unknown) =>
    fetch(`${url}${path}`, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

  for (const id of ['lamp', 'vase', 'desk']) {
    expect((await send('PUT', `/v1/items/${id}`, { title: id, categories: ['home'] })).status).toBe(202)
  }
  const written = await send('POST', '/v1/interactions', { userId: 'ann', itemId: 'lamp', type: 'like' })
  expect(written.status).toBe(202)
  const { position }: { position: string } = await written.json()
  await expect.poll(async () => (await fetch(`${url}/v1/items/desk`)).status, { timeout: 10_000 }).toBe(200)
  const told = async () => (await fetch(`${url}/v1/users/ann/interactions`)).text()
  await expect.poll(told, { timeout: 10_000 }).toContain('lamp')

  const requests = [
    { path: `/v1/users/ann/recommendations?limit=2&after=${position}` },
    { method: 'POST', path: '/v1/recommendations', body: { limit: 1 } },
    { path: '/v1/users/ann/interactions' },
    { path: '/v1/items/nope' },
    { path: '/v1/training' },
  ]
  const answer = await send('POST', '/v1/batch', { requests })
  const { responses }: BatchAnswer = await answer.json()
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 404, 200])
  expect(responses[0]?.body).toMatchObject({ requestId: expect.any(String) })
  expect(responses[2]?.body).toMatchObject({ items: [{ itemId: 'lamp' }] })

  for (const path of ['/', '/console/main.js', '/docs', '/v1/models']) {
    expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, (await fetch(`${instance}${path}`)).status])
  }
  const described = async (at: string): Promise<string[]> => {
    const { paths }: Described = await (await fetch(`${at}/openapi.json`)).json()
    return Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
  }
  expect((await described(url)).sort()).toEqual([...(await described(instance)), 'post /v1/batch'].sort())
})
