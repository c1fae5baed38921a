import { MillraceClientError } from './client-error.ts'
import { httpRequests, type Answer, type HttpRequest, type RequestOptions } from './http-requests.ts'
import { interactionQueue, type QueueOptions } from './interaction-queue.ts'
import { query, recommendationRequest } from './recommendation-request.ts'
import type {
  Acknowledgement,
  Recommendation,
  Recommendations,
  RecommendationService,
} from './recommendation-service.ts'

export type * from './recommendation-service.ts'
export { MillraceClientError, type ProblemDetails } from './client-error.ts'

/** `baseUrl` is such as `https://recommend.example.org`; everything else has a default. */
export interface ClientOptions extends Partial<Omit<RequestOptions, 'baseUrl'> & QueueOptions> {
  readonly baseUrl: string
  /** Retries of a read. Default 2. */
  readonly readRetries?: number
}

export interface MillraceClient extends RecommendationService {
  /** Sends what waits; resolves once all writes so far are settled. What failed is told by their own promises. */
  flush(): Promise<void>
  /** Flushes, and refuses writes that come later. */
  close(): Promise<void>
}

const defaults = {
  batchSize: 100,
  flushIntervalMs: 200,
  maxQueue: 10_000,
  retries: 8,
  readRetries: 2,
  timeoutMs: 10_000,
  fetch: (input: string | URL | Request, init?: RequestInit) => fetch(input, init),
  random: Math.random,
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
}

/** A client of Millrace's HTTP API for Node 20 and later and for browsers. */
export function createClient(given: ClientOptions): MillraceClient {
  const options = { ...defaults, ...given }
  const http = httpRequests(options)
  const queue = interactionQueue(http, options)
  const page = 'onpagehide' in globalThis ? globalThis : undefined
  page?.addEventListener('pagehide', queue.sendCopy)
  /** Profiles go one after the other, so that a retry never overwrites a later one. */
  let lastProfile: Promise<unknown> = Promise.resolve()
  let closed = false

  return {
    async getRecommendations(userId, context = {}, wanted = {}) {
      return list(recommendationRequest(userId, context, wanted))
    },
    async getSimilarItems(itemId, wanted) {
      return list({ path: `/v1/items/${encodeURIComponent(itemId)}/similar${query({ ...wanted })}` })
    },
    async getTrendingItems(category, wanted) {
      return list({ path: `/v1/trending${query({ ...wanted, category })}` })
    },
    async recordInteraction(interaction) {
      refuseIfClosed()
      return queue.record(interaction)
    },
    async updateUserProfile(userId, profile) {
      refuseIfClosed()
      const path = `/v1/users/${encodeURIComponent(userId)}/profile`
      const put: HttpRequest = { method: 'PUT', path, body: JSON.stringify(profile) }
      const result = lastProfile.then(() => http.request(put, options.retries, isAcknowledged))
      lastProfile = Promise.allSettled([result])
      return result
    },
    flush,
    async close() {
      closed = true
      await flush()
      page?.removeEventListener('pagehide', queue.sendCopy)
    },
  }

  function refuseIfClosed(): void {
    if (closed) throw new MillraceClientError('closed', 'The client is closed')
  }

  async function flush(): Promise<void> {
    await Promise.all([queue.flush(), lastProfile])
  }

  async function list(request: HttpRequest): Promise<Recommendations> {
    const { items, ...whole } = await http.request(request, options.readRetries, isList)
    return Object.assign(items, whole)
  }
}

interface List extends Omit<Recommendations, keyof (readonly Recommendation[])> {
  readonly items: Recommendation[]
}

function isList(body: Answer, status: number): body is Answer & List {
  return status === 200 && Array.isArray(body['items'])
}

function isAcknowledged(body: Answer, status: number): body is Answer & Acknowledgement {
  return status === 202 && typeof body['position'] === 'string'
}
