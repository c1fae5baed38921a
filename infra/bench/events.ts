import { seededRandom } from '#schemas/math/random.ts'
import type { RatedPair } from './bench-data.ts'
import type { LoadRequest } from './load/http-load.ts'

export interface ClientEvent {
  readonly id: string
  readonly userId: string
  readonly itemId: string
  readonly type: string
  readonly sessionId: string
}

/** Views by the users and of the items of the data set, drawn with their own frequencies; no id twice for different `name`s. */
export function clientEvents(options: {
  readonly pairs: readonly RatedPair[]
  readonly count: number
  readonly seed: number
  readonly name: string
}): ClientEvent[] {
  const { pairs, count, seed, name } = options
  const random = seededRandom(seed)
  const draw = () => pairs[Math.floor(random() * pairs.length)] ?? { userId: 'nobody', itemId: 'nothing' }
  return Array.from({ length: count }, (_, i) => {
    const { userId } = draw()
    return { id: `${name}-${seed}-${i}`, userId, itemId: draw().itemId, type: 'view', sessionId: `s-${userId}` }
  })
}

/** Views of as many users and items as there are events: no two share a row. The same ones for the same `from`. */
export function eventsApart(options: {
  readonly from: number
  readonly count: number
  readonly name: string
}): ClientEvent[] {
  const { from, count, name } = options
  return Array.from({ length: count }, (_, i) => {
    const n = from + i
    return { id: `${name}-${n}`, userId: `apart-${n}`, itemId: `apart-${n}`, type: 'view', sessionId: `s-${n}` }
  })
}

/** One request for each `batch` events: an array, or the one object. */
export function eventRequests(events: readonly ClientEvent[], batch: number): LoadRequest[] {
  const requests: LoadRequest[] = []
  for (let at = 0; at < events.length; at += batch) {
    const body = JSON.stringify(batch === 1 ? events[at] : events.slice(at, at + batch))
    requests.push({ method: 'POST', path: '/v1/interactions', body })
  }
  return requests
}

/** So many users of the data set, in seeded order. */
export function drawnUsers(pairs: readonly RatedPair[], count: number, seed: number): string[] {
  const users = [...new Set(pairs.map(({ userId }) => userId))]
  const random = seededRandom(seed)
  for (let i = users.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[users[i], users[j]] = [users[j]!, users[i]!]
  }
  return users.slice(0, count)
}
