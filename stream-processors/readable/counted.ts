import type { InteractionsEvent } from '#schemas/events/interactions.ts'
import { eventTime } from '#schemas/events/interactions.ts'
import type { UserFeatures } from '#schemas/ports/feature-store.ts'
import type { ReadableInteraction } from '#schemas/ports/readable-tables.ts'
import type { Position } from '#schemas/position.ts'

/**
 * What of an event counts, as rows for people; `user` is the user's row, at or ahead of the event. Nothing for repeats and for
 * what was erased since. Of an event older than the history no one can tell: it is shown.
 */
export function countedInteractions(
  event: InteractionsEvent,
  { epoch, offset }: Position,
  user: UserFeatures | undefined,
): readonly ReadableInteraction[] {
  if (user === undefined || offset <= user.head.erasedAt) return []
  const at = { userId: event.userId, epoch, offset }
  const ids = new Set(user.history.filter((entry) => entry.offset === offset).map(({ id }) => id))
  const isOlder = user.history.length < user.head.count && offset < (user.history[0]?.offset ?? 0)
  switch (event.type) {
    case 'erase':
      return []
    case 'interaction': {
      if (!isOlder && !ids.has(event.id)) return []
      const { id, itemId, action, context } = event
      return [{ ...at, eventId: id, itemId, type: action, context, timestamp: eventTime(event) }]
    }
    case 'adopt':
      return event.history
        .filter(({ id }) => isOlder || ids.has(id))
        .map((carried) => ({
          ...at,
          eventId: carried.id,
          itemId: carried.itemId,
          type: carried.action,
          context: null,
          timestamp: eventTime(carried),
        }))
  }
}
