import type { EventOf } from '#schemas/events/by-topic.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import { formatPositions, latestPositions } from '#schemas/position.ts'
import type { ByteBudget } from './byte-budget.ts'

export type WrittenTopic = 'interactions' | 'items' | 'profiles'

/** Resolves once all the events are durable, with the token of where they stand. Rejects as the log does, or with `overloaded`. */
export type WriteEvents = <T extends WrittenTopic>(
  topic: T,
  events: readonly EventOf[T][],
  keyOf: (event: EventOf[T]) => string,
) => Promise<string>

/** Encodes events and appends those of one call together. */
export function eventWriter(log: EventLog, codec: Codec, budget: ByteBudget): WriteEvents {
  return async (topic, events, keyOf) => {
    const records = events.map((event) => ({ key: keyOf(event), value: codec.encodeEvent(topic, event) }))
    const bytes = records.reduce((sum, record) => sum + record.value.length, 0)
    budget.take(bytes)
    try {
      return formatPositions(latestPositions(await log.append(topic, records)))
    } finally {
      budget.give(bytes)
    }
  }
}
