import type { HttpRequest } from './http-requests.ts'
import type { Context, RecommendationOptions } from './recommendation-service.ts'

/** Longest list that still goes into an address. */
const mostInQuery = 20

/** A GET where an address can say it all, which caches may keep and logs show; else a POST. */
export function recommendationRequest(userId: string, context: Context, options: RecommendationOptions): HttpRequest {
  const { sessionId: session, ...known } = context
  const { items, recent, ...wanted } = options
  const { time, sessionFeatures, ...named } = known
  const short = (wanted.exclude?.length ?? 0) <= mostInQuery
  if (short && (time ?? sessionFeatures ?? items ?? recent) === undefined) {
    const path = `/v1/users/${encodeURIComponent(userId)}/recommendations`
    return { path: path + query({ ...wanted, ...named, session }) }
  }
  const body = { userId, ...options, context: { ...known, session } }
  return { path: '/v1/recommendations', body: JSON.stringify(body) }
}

/** A query with its question mark; absent members are left out, and it is empty when all are. */
export function query(members: Readonly<Record<string, string | number | readonly string[] | undefined>>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(members)) {
    if (value === undefined) continue
    for (const each of Array.isArray(value) ? value : [value]) search.append(name, String(each))
  }
  return search.size === 0 ? '' : `?${search}`
}
