import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { MillraceError } from '#schemas/errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True for a route that is answered without an API key: health, and static pages that hold no data. */
    open?: boolean
  }
}

export interface ApiKeys {
  /** Names the key that a request carries without giving it away; undefined unless it is one of ours. */
  nameOf(request: FastifyRequest): string | undefined
}

/**
 * Keys come as `Authorization: Bearer KEY` or `X-API-Key`. Digests are compared, each in constant time and all of them, so
 * the time taken says nothing about a key.
 */
export function apiKeys(keys: readonly string[]): ApiKeys {
  const digests = keys.map(digest)
  return {
    nameOf(request) {
      const offered = offeredKey(request)
      if (offered === undefined) return undefined
      const found = digest(offered)
      return isAmong(found, digests) ? found.toString('base64url', 0, nameBytes) : undefined
    },
  }
}

const nameBytes = 12

/** Throws `unauthorized` unless the route is open or the request carries a key of ours. */
export function assertKey(request: FastifyRequest, keyName: string | undefined): void {
  if (keyName !== undefined || request.routeOptions.config.open === true) return
  throw new MillraceError('unauthorized', 'This needs an API key, as `Authorization: Bearer KEY` or `X-API-Key: KEY`.')
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
