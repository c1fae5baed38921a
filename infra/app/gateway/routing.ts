/** Roles that have routes of their own. */
export const routedRoles = ['ingest', 'serve', 'train'] as const

export type RoutedRole = (typeof routedRoles)[number]

export interface Route {
  readonly role: RoutedRole
  /** Changes nothing, so that it may be asked for again. */
  readonly isRead: boolean
}

/**
 * Where a request goes, by one rule: trainers have what is below `/v1/training` and whatever changes models; serving has
 * every other read, of which `POST /v1/recommendations` is one; ingest has every other write. `routing.test.ts` holds it
 * to the routes that the roles have. `url` may end with a query.
 */
export function routeOf(method: string, url: string): Route {
  const path = url.split('?', 1)[0] ?? url
  const isRead = reads.has(method) || (method === 'POST' && path === '/v1/recommendations')
  if (isBelow(path, '/v1/training') || (!isRead && isBelow(path, '/v1/models'))) return { role: 'train', isRead }
  return { role: isRead ? 'serve' : 'ingest', isRead }
}

const reads = new Set(['GET', 'HEAD', 'OPTIONS'])

function isBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}/`)
}
