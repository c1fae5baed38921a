import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryStandalone } from './temporary-standalone.fixture.ts'

const running = temporaryStandalone()

describe('The API reference', () => {
  it('names every route, and no other', async () => {
    const described = await routesOf((await running()).url)
    expect(documentedRoutes()).toEqual(described.sort())
  })
})

/** `GET /v1/items/{id}`, from the server's own description. */
async function routesOf(url: string): Promise<string[]> {
  const answer = await fetch(`${url}/openapi.json`)
  const { paths }: { readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> } = await answer.json()
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
}

function documentedRoutes(): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../docs/reference/api.md'), 'utf8')
  return Array.from(text.matchAll(/^\| `([A-Z]+)` \| `([^`]+)` \|/gm), (match) => `${match[1]} ${match[2]}`).sort()
}
