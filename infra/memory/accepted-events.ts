import type { Clock } from '#schemas/ports/clock.ts'
import {
  acceptedEvent,
  acceptedEventsKept,
  type AcceptedEvent,
  type AcceptedEvents,
} from '#schemas/ports/accepted-events.ts'

/** Within this process. */
export function memoryAcceptedEvents({
  clock,
  keptMs = acceptedEventsKept.ms,
}: {
  readonly clock: Pick<Clock, 'now'>
  readonly keptMs?: number
}): AcceptedEvents {
  const users = new Map<string, { events: readonly AcceptedEvent[]; until: number }>()
  return {
    tell(told) {
      for (const { event, position } of told) {
        const accepted = acceptedEvent(event, position)
        if (accepted === undefined) continue
        const before = users.get(event.userId)?.events ?? []
        const events = [...before, accepted].slice(-acceptedEventsKept.events)
        users.set(event.userId, { events, until: clock.now() + keptMs })
      }
    },
    async of(userId) {
      const known = users.get(userId)
      if (known !== undefined && known.until > clock.now()) return known.events
      users.delete(userId)
      return []
    },
  }
}
