import fastify, { type FastifyPluginAsync } from 'fastify'
import { describe, expect, it } from 'vitest'
import { ingestRoutes } from '#producers/ingest/ingest-routes.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { temporaryStandalone } from '../temporary-standalone.fixture.ts'
import { trainer } from '../trainer.ts'
import { trainingRoutes } from '../training-routes.ts'
import { routeOf } from './routing.ts'

const running = temporaryStandalone()

/** `GET /v1/items/:id`, of a plugin. */
async function routesOf(plugin: FastifyPluginAsync): Promise<string[]> {
  const app = fastify()
  const routes: string[] = []
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) routes.push(`${each} ${url}`)
  })
  await app.register(plugin)
  await app.ready()
  await app.close()
  return routes
}

/** What {@link routeOf} says of a route. */
function roleOf(route: string): string {
  const [method = '', url = ''] = route.split(' ')
  return routeOf(method, url).role
}

describe('Routing', () => {
  it('sends every route of all roles where it is', { timeout: 60_000 }, async () => {
    const { parts, url } = await running()
    const ingest = await routesOf(ingestRoutes({ ...parts, metrics: noMetrics, newId: () => 'id' }))
    const trainings = trainer(parts, () => {})
    const train = await routesOf(trainingRoutes({ parts, trainer: trainings, report: () => {} }))
    await trainings.stop()
    const answer = await fetch(`${url}/openapi.json`)
    const { paths }: { paths: Record<string, Record<string, unknown>> } = await answer.json()
    const all = Object.entries(paths)
      .filter(([path]) => path.startsWith('/v1/'))
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
      .map((route) => route.replaceAll(/\{(\w+)\}/g, ':$1'))
    expect(all.length).toBeGreaterThan(15)
    for (const route of all) {
      const home = train.includes(route) ? 'train' : ingest.includes(route) ? 'ingest' : 'serve'
      expect(`${route}: ${roleOf(route)}`).toBe(`${route}: ${home}`)
    }
  })

  it('takes for a read what changes nothing', () => {
    const isRead = (method: string, url: string) => routeOf(method, url).isRead
    for (const url of ['/', '/v1/training', '/v1/users/x/recommendations']) expect(isRead('GET', url)).toBe(true)
    expect(isRead('POST', '/v1/recommendations')).toBe(true)
    expect(isRead('POST', '/v1/recommendations?x=1')).toBe(true)
    for (const url of ['/v1/interactions', '/v1/recommendations/x', '/v1/training', '/v1/batch']) {
      expect(isRead('POST', url)).toBe(false)
    }
    for (const method of ['PUT', 'DELETE', 'PATCH']) expect(isRead(method, '/v1/recommendations')).toBe(false)
  })
})
