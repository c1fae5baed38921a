import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { MillraceError } from '#schemas/errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True for a route that is answered without an API key: health, and static pages that hold no data. */
    open?: boolean
  }
}

/**
 * Throws `unauthorized` unless the route is open or the request carries one of the keys, as `Authorization: Bearer KEY`
 * or `X-API-Key`. Digests are compared, each in constant time and all of them, so the time taken says nothing about a key.
 */
export function apiKeyCheck(apiKeys: readonly string[]): (request: FastifyRequest) => void {
  const digests = apiKeys.map(digest)
  return (request) => {
    if (request.routeOptions.config.open === true) return
    const offered = offeredKey(request)
    if (offered !== undefined && isAmong(digest(offered), digests)) return
    throw new MillraceError(
      'unauthorized',
      'This needs an API key, as `Authorization: Bearer KEY` or `X-API-Key: KEY`.',
    )
  }
}

function offeredKey(request: FastifyRequest): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return bearer
  const header = request.headers['x-api-key']
  return typeof header === 'string' ? header : undefined
}

function isAmong(offered: Buffer, digests: readonly Buffer[]): boolean {
  let found = false
  for (const known of digests) found = timingSafeEqual(offered, known) || found
  return found
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key, 'utf8').digest()
}
