import type { InteractionsEvent } from '#schemas/events/interactions.ts'
import type { EventOf } from '#schemas/events/by-topic.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { AcceptedEvents } from '#schemas/ports/accepted-events.ts'
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

export interface EventWriterOptions {
  readonly log: EventLog
  readonly codec: Codec
  readonly accepted?: Pick<AcceptedEvents, 'tell'>
}

/** Encodes events and appends those of one call together. `accepted` is told of interactions once they are durable. */
export function eventWriter({ log, codec, accepted }: EventWriterOptions, budget: ByteBudget): WriteEvents {
  return async (topic, events, keyOf) => {
    const records = events.map((event) => ({ key: keyOf(event), value: codec.encodeEvent(topic, event) }))
    const bytes = records.reduce((sum, record) => sum + record.value.length, 0)
    budget.take(bytes)
    try {
      const positions = await log.append(topic, records)
      accepted?.tell(events.flatMap((event, i) => (isInteractions(event) ? { event, position: positions[i]! } : [])))
      return formatPositions(latestPositions(positions))
    } finally {
      budget.give(bytes)
    }
  }
}

function isInteractions(event: EventOf[WrittenTopic]): event is InteractionsEvent {
  return event.type === 'interaction' || event.type === 'erase' || event.type === 'adopt'
}
