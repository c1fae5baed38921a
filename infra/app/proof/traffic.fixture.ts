import { seededRandom } from '#schemas/math/random.ts'

/** One write as a client sends it; sent again it is the same bytes. */
export interface WriteRequest {
  readonly method: 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: string
  readonly contentType?: string
  /** What the proof looks for when it was answered 202. */
  readonly proves:
    | { readonly type: 'interactions'; readonly keys: readonly string[] }
    | { readonly type: 'item'; readonly itemId: string; readonly title: string | null }
    | { readonly type: 'profile'; readonly userId: string }
    | { readonly type: 'erase' | 'adopt'; readonly userId: string }
}

/** Names an event of `interactions` for ever: ids are a user's own. */
export function eventKey(userId: string, id: string): string {
  return `${userId} ${id}`
}

const users = 12
const items = 40

/**
 * The writes of one client, for ever: batches of interactions, imported lines in order, items, profiles, and now and then
 * an erasure, an adoption, or something sent before. Several clients write about the same users, each about its own items.
 */
export function* traffic(seed: number, client: string): Generator<WriteRequest, never> {
  const random = seededRandom(seed)
  const below = (n: number) => Math.floor(random() * n)
  const user = () => `user-${below(users)}`
  const item = () => `item-${below(items)}`
  const sent: WriteRequest[] = []
  let made = 0
  let line = 0

  function interactions(): WriteRequest {
    const events = Array.from({ length: 1 + below(12) }, () => ({
      id: `${client}-${made++}`,
      userId: user(),
      itemId: item(),
      type: ['view', 'click', 'like', 'dislike'][below(4)],
      ...(random() < 0.3 && { occurredAt: Date.UTC(1990 + below(30), below(12), 1 + below(28)) }),
    }))
    return {
      method: 'POST',
      path: '/v1/interactions',
      contentType: 'application/json',
      body: JSON.stringify(events),
      proves: { type: 'interactions', keys: events.map(({ userId, id }) => eventKey(userId, id)) },
    }
  }

  /** As `millrace import --to URL` sends lines: the next one after the answer to this one. */
  function importedLines(): WriteRequest {
    const source = `file-of-${client}`
    const lines = Array.from({ length: 1 + below(20) }, () => {
      const sequence = ++line
      const rating = { itemId: item(), type: 'rating', value: 1 + below(5), occurredAt: sequence }
      return { id: `${source}:${sequence}`, userId: user(), ...rating, source, sequence }
    })
    return {
      method: 'POST',
      path: '/v1/interactions',
      contentType: 'application/x-ndjson',
      body: lines.map((each) => `${JSON.stringify(each)}\n`).join(''),
      proves: { type: 'interactions', keys: lines.map(({ userId, id }) => eventKey(userId, id)) },
    }
  }

  function itemWrite(): WriteRequest {
    const itemId = `${client}-item-${below(5)}`
    const path = `/v1/items/${itemId}`
    if (random() < 0.3) return { method: 'DELETE', path, proves: { type: 'item', itemId, title: null } }
    const title = `Title ${made++}`
    const body = JSON.stringify({ title, categories: ['Drama'] })
    return { method: 'PUT', path, body, contentType: 'application/json', proves: { type: 'item', itemId, title } }
  }

  function profileWrite(): WriteRequest {
    const userId = user()
    const body = JSON.stringify({ attributes: { age: below(90) }, interests: ['Drama'] })
    const path = `/v1/users/${userId}/profile`
    return { method: 'PUT', path, body, contentType: 'application/json', proves: { type: 'profile', userId } }
  }

  function erasure(): WriteRequest {
    const userId = user()
    return { method: 'DELETE', path: `/v1/users/${userId}`, proves: { type: 'erase', userId } }
  }

  function adoption(): WriteRequest {
    const first = below(users)
    const userId = `user-${first}`
    const guestId = `user-${(first + 1 + below(users - 1)) % users}`
    const body = JSON.stringify({ guestId })
    const path = `/v1/users/${userId}/adopt`
    return { method: 'POST', path, body, contentType: 'application/json', proves: { type: 'adopt', userId } }
  }

  for (;;) {
    const chance = random()
    const again = sent[below(sent.length)]
    if (chance < 0.1 && again !== undefined) yield again
    else if (chance < 0.25) yield importedLines()
    else if (chance < 0.33) yield itemWrite()
    else if (chance < 0.37) yield profileWrite()
    else if (chance < 0.39) yield erasure()
    else if (chance < 0.41) yield adoption()
    else {
      const request = interactions()
      sent.push(request)
      yield request
    }
  }
}
