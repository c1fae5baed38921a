import { MillraceClientError, type ProblemDetails } from './client-error.ts'

export interface RequestOptions {
  readonly baseUrl: string
  readonly apiKey?: string
  readonly fetch: typeof globalThis.fetch
  /** How long one try may take, ms. */
  readonly timeoutMs: number
  /** In [0, 1). */
  readonly random: () => number
  readonly sleep: (ms: number) => Promise<void>
}

export interface HttpRequest {
  /** With its query. */
  readonly path: string
  /** Default: GET without a body, POST with one. */
  readonly method?: 'PUT'
  /** Sent byte for byte by every try. */
  readonly body?: string
}

/** Says whether it is the answer that Millrace gives to such a request. A proxy's 200 must not pass for a 202. */
export type Expected<T> = (body: Answer, status: number) => body is Answer & T

/** JSON of an answer; without members where it was none. */
export type Answer = Readonly<Record<string, unknown>>

export interface HttpRequests {
  /**
   * Tries until there is an expected answer, or an error below 500 other than 429, or the retries are spent; then it
   * rejects with the last failure. Waits between tries with full jitter, at least as long as Retry-After says.
   */
  request<T>(request: HttpRequest, retries: number, expected: Expected<T>): Promise<T>
  /** One try that outlives the page. Its outcome is not told: what it sends is also sent by `request`. */
  beacon(request: HttpRequest): void
}

const firstDelayMs = 200
const longestDelayMs = 20_000

export function httpRequests(options: RequestOptions): HttpRequests {
  return {
    async request(request, retries, expected) {
      for (let attempt = 0; ; attempt++) {
        let failure: MillraceClientError
        let wait = options.random() * Math.min(longestDelayMs, firstDelayMs * 2 ** attempt)
        try {
          const response = await fetchOf(request, { signal: AbortSignal.timeout(options.timeoutMs) })
          const { status } = response
          const body = membersOf(await response.text())
          if (expected(body, status)) return body
          failure = errorOf(body, status)
          if (status >= 400 && status < 500 && status !== 429) attempt = retries
          wait = Math.max(wait, retryAfterOf(response))
        } catch (cause) {
          failure = new MillraceClientError('unreachable', 'No answer', { cause })
        }
        if (attempt >= retries) throw failure
        await options.sleep(wait)
      }
    },
    beacon(request) {
      const ignored = () => {}
      fetchOf(request, { keepalive: true }).then(ignored, ignored)
    },
  }

  async function fetchOf({ path, body, method }: HttpRequest, init: RequestInit): Promise<Response> {
    const headers: Record<string, string> = {}
    if (body !== undefined) headers['content-type'] = 'application/json'
    if (options.apiKey !== undefined) headers['authorization'] = `Bearer ${options.apiKey}`
    return options.fetch(options.baseUrl.replace(/\/+$/, '') + path, {
      ...init,
      headers,
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      body: body ?? null,
    })
  }
}

/** The error of an answer that is not the expected one. */
function errorOf(problem: Answer & ProblemDetails, status: number): MillraceClientError {
  if (status < 400) return new MillraceClientError('unreachable', 'Not an answer of Millrace', { status })
  const { code, detail, title, field } = problem
  return new MillraceClientError(code ?? 'http-error', detail ?? title ?? `HTTP ${status}`, {
    status,
    problem,
    ...(field === undefined ? {} : { field }),
  })
}

function membersOf(text: string): Answer {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}

/** Retry-After in ms: seconds, or a date; 0 without one. */
function retryAfterOf(response: Response): number {
  const header = response.headers.get('retry-after') ?? ''
  return (/^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now()) || 0
}
