import { setTimeout as pause } from 'node:timers/promises'
import { seededRandom } from '#schemas/math/random.ts'
import { parsePositions, type Position } from '#schemas/position.ts'
import { traffic, type WriteRequest } from './traffic.fixture.ts'

/** What was promised: everything in here was answered 202. */
export interface Ledger {
  readonly events: Set<string>
  /** Title of each item as last put, null once deleted: each item has one writer. */
  readonly titles: Map<string, string | null>
  readonly profiles: Set<string>
  /** Places of erasures and adoptions on `interactions`. */
  readonly placed: { readonly userId: string; readonly type: 'erase' | 'adopt'; readonly at: readonly Position[] }[]
  requests: number
  retries: number
}

export interface Clients {
  readonly ledger: Ledger
  /** From now on this is where Millrace is; undefined while it is down. */
  moveTo(url: string | undefined): void
  /** Every client gets the answer to what it is sending, then rests. Rejects when one was answered with what no retry mends. */
  rest(): Promise<void>
}

const pauseMs = 30

/** Several clients that write at once, each one request at a time, sent again until it is answered 202. */
export function startClients(seed: number, count: number): Clients {
  const ledger: Ledger = {
    events: new Set(),
    titles: new Map(),
    profiles: new Set(),
    placed: [],
    requests: 0,
    retries: 0,
  }
  let address = Promise.withResolvers<string>()
  let isUp = false
  let resting = false

  async function send(request: WriteRequest): Promise<void> {
    for (;;) {
      const url = await address.promise
      const answer = await answered(url, request)
      if (answer?.status === 202) return note(request, answer.position)
      if (answer !== undefined && answer.status !== 503) {
        throw new Error(`${request.method} ${request.path} was answered ${answer.status}: ${answer.text}`)
      }
      ledger.retries++
      await pause(pauseMs)
    }
  }

  function note({ proves }: WriteRequest, position: string): void {
    ledger.requests++
    switch (proves.type) {
      case 'interactions':
        for (const key of proves.keys) ledger.events.add(key)
        return
      case 'item':
        ledger.titles.set(proves.itemId, proves.title)
        return
      case 'profile':
        ledger.profiles.add(proves.userId)
        return
      case 'erase':
      case 'adopt':
        ledger.placed.push({ userId: proves.userId, type: proves.type, at: parsePositions(position) ?? [] })
    }
  }

  async function client(number: number): Promise<void> {
    const random = seededRandom(seed * 100 + number)
    for (const request of traffic(seed * 1_000 + number, `client-${number}`)) {
      if (resting) return
      await send(request)
      await pause(random() * pauseMs)
    }
  }

  const clients = Promise.all(Array.from({ length: count }, (_, number) => client(number)))
  // Whoever waits for the clients to rest sees a failure; until then it is not an unhandled one.
  clients.catch(() => {})
  return {
    ledger,
    moveTo(url) {
      if (isUp) address = Promise.withResolvers()
      isUp = url !== undefined
      if (url !== undefined) address.resolve(url)
    },
    async rest() {
      resting = true
      await clients
    },
  }
}

/** Undefined when no answer came: the write may have happened or not. */
async function answered(
  url: string,
  { method, path, body, contentType }: WriteRequest,
): Promise<{ readonly status: number; readonly position: string; readonly text: string } | undefined> {
  try {
    const headers = contentType === undefined ? {} : { 'content-type': contentType }
    const response = await fetch(`${url}${path}`, { method, headers, ...(body !== undefined && { body }) })
    const text = await response.text()
    const parsed: { readonly position?: unknown } = response.status === 202 ? JSON.parse(text) : {}
    return { status: response.status, position: typeof parsed.position === 'string' ? parsed.position : '', text }
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
