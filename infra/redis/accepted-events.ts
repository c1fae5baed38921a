import {
  acceptedEvent,
  acceptedEventsKept,
  type AcceptedEvent,
  type AcceptedEvents,
} from '#schemas/ports/accepted-events.ts'
import { noMetrics, type Metrics } from '#schemas/ports/metrics.ts'
import type { RedisConnection } from './connect.ts'
import { luaScript } from './lua-script.ts'

const append = luaScript(`
for i = 3, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[i]) end
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[2]), -1)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`)

const all = luaScript(`return redis.call('LRANGE', KEYS[1], 0, -1)`)

export interface RedisAcceptedEventsOptions {
  readonly connection: Pick<RedisConnection, 'run'>
  readonly keptMs?: number
  /** Calls under way before what is told is dropped. */
  readonly maxUnderWay?: number
  readonly metrics?: Metrics
}

/** A list a user. A Redis that is slow or away loses what it is told, and costs the teller nothing. */
export function redisAcceptedEvents(options: RedisAcceptedEventsOptions): AcceptedEvents {
  const { connection, keptMs = acceptedEventsKept.ms, maxUnderWay = 500, metrics = noMetrics } = options
  let underWay = 0

  async function push(userId: string, events: readonly AcceptedEvent[]): Promise<void> {
    const texts = events.slice(-acceptedEventsKept.events).map((event) => JSON.stringify(event))
    underWay++
    try {
      await connection.run(append, [keyOf(userId)], [keptMs, acceptedEventsKept.events, ...texts])
    } catch {
      metrics.count('millrace_accepted_events_lost_total', events.length)
    } finally {
      underWay--
    }
  }

  return {
    tell(told) {
      const byUser = new Map<string, AcceptedEvent[]>()
      for (const { event, position } of told) {
        const accepted = acceptedEvent(event, position)
        if (accepted === undefined) continue
        const ofUser = byUser.get(event.userId)
        if (ofUser === undefined) byUser.set(event.userId, [accepted])
        else ofUser.push(accepted)
      }
      for (const [userId, events] of byUser) {
        if (underWay < maxUnderWay) void push(userId, events)
        else metrics.count('millrace_accepted_events_lost_total', events.length)
      }
    },
    async of(userId) {
      try {
        return textsOf(await connection.run(all, [keyOf(userId)], [])).map((text): AcceptedEvent => JSON.parse(text))
      } catch {
        return []
      }
    },
  }
}

function keyOf(userId: string): string {
  return `accepted:${userId}`
}

function textsOf(answer: unknown): string[] {
  return Array.isArray(answer) ? answer.map(String) : []
}
