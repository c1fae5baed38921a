import { afterEach, expect } from 'vitest'
import type { RecommendationAnswer } from '#schemas/api/recommendations.ts'
import { createServer, type Server } from './http/server.ts'
import { film, films, servingWorld, type ServingWorld, type ServingWorldOptions } from './serving-world.fixture.ts'

const closing: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A world with twelve films in its catalogue; closed after the test. */
export async function worldWithFilms(options: ServingWorldOptions = {}) {
  const world = await servingWorld(options)
  closing.push(() => world.stop())
  for (const [n, itemId] of films.entries()) await world.put(itemId, film(n))
  return world
}

/** A caught-up instance behind the HTTP base. */
export async function serverOf(world: ServingWorld): Promise<Server> {
  const serving = await world.start()
  const app = createServer({ version: '0', ready: () => serving.ready(), renderMetrics: () => '' })
  closing.push(() => app.close())
  await app.register(serving.routes)
  await world.caughtUp()
  return app
}

export async function get(app: Server, url: string): Promise<RecommendationAnswer> {
  const answer = await app.inject({ method: 'GET', url })
  expect(answer.statusCode).toBe(200)
  return answer.json<RecommendationAnswer>()
}

export function idsOf(answer: RecommendationAnswer): string[] {
  return answer.items.map((item) => item.itemId)
}
