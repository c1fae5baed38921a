import type { InteractionsEvent } from '../events/interactions.ts'
import type { Position } from '../position.ts'

/** What one event said, as far as a list depends on it. */
export interface AcceptedEvent {
  readonly type: 'interaction' | 'erase'
  readonly id: string
  /** Empty for an erase. */
  readonly itemId: string
  readonly action: string
  readonly value: number | null
  readonly position: Position
}

/**
 * What ingest has accepted of each user lately, for lists that cannot wait for the fold. A cache: what it lost is missing
 * until the fold has counted it, and nothing else goes wrong.
 */
export interface AcceptedEvents {
  /** Tells of events that the log has durably. Never waits and never throws. */
  tell(events: readonly { readonly event: InteractionsEvent; readonly position: Position }[]): void
  /** The user's newest, oldest first. Never rejects. */
  of(userId: string): Promise<readonly AcceptedEvent[]>
}

/** Events kept of a user, and for how long. */
export const acceptedEventsKept = { events: 50, ms: 3_600_000 } as const

/** Undefined for an event that no list depends on before it is counted. */
export function acceptedEvent(event: InteractionsEvent, position: Position): AcceptedEvent | undefined {
  switch (event.type) {
    case 'interaction': {
      const { id, itemId, action, value } = event
      return { type: 'interaction', id, itemId, action, value, position }
    }
    case 'erase':
      return { type: 'erase', id: event.id, itemId: '', action: '', value: null, position }
    case 'adopt':
      return undefined
  }
}
