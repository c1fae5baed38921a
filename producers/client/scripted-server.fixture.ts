import { createClient, type ClientOptions } from './index.ts'

export interface Sent {
  readonly method: string
  readonly url: string
  readonly body: string
  readonly headers: Headers
  readonly keepalive: boolean
}

export type Act = (sent: Sent) => Response | Promise<Response>

/** A client whose server answers by script: one act a request; a request too many fails the test. */
export function scripted(acts: readonly Act[], options: Partial<ClientOptions> = {}) {
  const sent: Sent[] = []
  const slept: number[] = []
  const client = createClient({
    baseUrl: 'http://test/base/',
    apiKey: 'secret',
    flushIntervalMs: 0,
    fetch: async (input, init) => {
      const each: Sent = {
        method: init?.method ?? 'GET',
        url: input instanceof Request ? input.url : String(input),
        body: typeof init?.body === 'string' ? init.body : '',
        headers: new Headers(init?.headers),
        keepalive: init?.keepalive ?? false,
      }
      const act = acts[sent.length]
      sent.push(each)
      if (act === undefined) throw new Error('The script has ended')
      return act(each)
    },
    random: () => 0,
    sleep: async (ms) => void slept.push(ms),
    ...options,
  })
  return { client, sent, slept }
}

export function eventsOf(sent: Sent): { readonly id: string; readonly itemId: string }[] {
  return JSON.parse(sent.body)
}

export function itemsOf(sent: Sent): string[] {
  return eventsOf(sent).map((event) => event.itemId)
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers })
}

export function accept(sent: Sent): Response {
  return json(202, { accepted: eventsOf(sent).length, duplicates: 0, rejected: [], position: '0.0.1' })
}

/** The server took it, but nobody hears so. */
export function lost(): Promise<Response> {
  return Promise.reject(new TypeError('fetch failed'))
}

export function cutShort(): Response {
  const body = new ReadableStream({ start: (controller) => controller.error(new TypeError('terminated')) })
  return new Response(body, { status: 202 })
}

export function overloaded(retryAfter: string): Act {
  return () => json(503, { code: 'overloaded' }, { 'retry-after': retryAfter })
}
