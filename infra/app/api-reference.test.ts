import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ingestFixture } from './http/ingest-fixture.ts'
import type { Server } from './http/server.ts'
import { serverOf, worldWithFilms } from './serving-server.fixture.ts'

const fixture = ingestFixture()

describe('The API reference', () => {
  it('names every route, and no other', async () => {
    const servers = [fixture.ingest(), await serverOf(await worldWithFilms())]
    const described = await Promise.all(servers.map(routesOf))
    expect(documentedRoutes()).toEqual(Array.from(new Set(described.flat())).sort())
  })
})

/** `GET /v1/items/{id}`, from the server's own description. */
async function routesOf(app: Server): Promise<string[]> {
  const answer = await app.inject({ method: 'GET', url: '/openapi.json' })
  const { paths } = answer.json<{ paths: Record<string, Record<string, unknown>> }>()
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
}

function documentedRoutes(): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/reference/api.md'), 'utf8')
  return Array.from(text.matchAll(/^\| `([A-Z]+)` \| `([^`]+)` \|/gm), (match) => `${match[1]} ${match[2]}`).sort()
}
