import type { ProfilesEvent } from '#schemas/events/catalogue.ts'
import type { Adopt, Erase } from '#schemas/events/interactions.ts'
import type { UserFeatures } from '#schemas/ports/feature-store.ts'

export interface EventStamp {
  readonly newId: () => string
  readonly now: number
}

export type ReadUser = (userId: string) => Promise<UserFeatures | undefined>

/** An erase for every guest the user adopted, and for theirs in turn, then for the user: guests first. */
export async function eraseEvents(userId: string, read: ReadUser, stamp: EventStamp): Promise<Erase[]> {
  const found = new Set([userId])
  for (const each of found) {
    const user = await read(each)
    for (const { guestId } of user?.head.adopted ?? []) found.add(guestId)
  }
  return [...found]
    .reverse()
    .map((each) => ({ type: 'erase', id: stamp.newId(), userId: each, occurredAt: stamp.now, acceptedAt: stamp.now }))
}

/** Takes the profiles of erased users with them. */
export function profileDeletions(erases: readonly Erase[], newId: () => string): ProfilesEvent[] {
  return erases.map(({ userId, occurredAt, acceptedAt }) => ({
    type: 'delete',
    id: newId(),
    userId,
    occurredAt,
    acceptedAt,
  }))
}

/** The event by which a guest's history becomes the user's. It is refused by the fold if the user is erased meanwhile. */
export async function adoptEvent(userId: string, guestId: string, read: ReadUser, stamp: EventStamp): Promise<Adopt> {
  const user = await read(userId)
  const guest = await read(guestId)
  return {
    type: 'adopt',
    id: stamp.newId(),
    userId,
    occurredAt: stamp.now,
    acceptedAt: stamp.now,
    guestId,
    basedOn: user?.head.offset ?? -1,
    history: (guest?.history ?? []).map((entry) => ({
      id: entry.id,
      itemId: entry.itemId,
      action: entry.action,
      value: entry.value,
      occurredAt: entry.occurredAt,
      acceptedAt: entry.acceptedAt,
      guestOffset: entry.offset,
    })),
  }
}
