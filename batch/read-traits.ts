import { isMillraceError } from '#schemas/errors.ts'
import type { Profile } from '#schemas/events/catalogue.ts'
import { contextNames, type UserTraits } from '#schemas/models/profile-features.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { SeenEvent } from './read-histories.ts'

/** The newest context of each user, fed event by event; a user who had themselves forgotten has none. */
export interface ContextsSeen {
  take(event: SeenEvent): void
  of(userId: string): UserTraits['context']
}

export function contextsSeen(): ContextsSeen {
  const contexts = new Map<string, Readonly<Record<string, string>>>()

  return {
    take(event) {
      if (event.type === 'erase') contexts.delete(event.userId)
      if (event.type !== 'interaction' || event.context === null) return
      const known = Object.entries(event.context).filter(([name]) => contextNames.includes(name))
      if (known.length > 0) contexts.set(event.userId, { ...contexts.get(event.userId), ...Object.fromEntries(known) })
    },
    of: (userId) => contexts.get(userId),
  }
}

/** The last profile of each of these users, from the log. What cannot be read is passed over, as the live rows do. */
export async function readProfiles(
  { log, codec }: { readonly log: Pick<EventLog, 'bounds' | 'read'>; readonly codec: Pick<Codec, 'decodeEvent'> },
  userIds: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Profile>> {
  const profiles = new Map<string, Profile>()
  for (const { epoch, partition, start, end } of await log.bounds('profiles')) {
    if (start >= end) continue
    for await (const records of log.read('profiles', { epoch, partition, offset: start })) {
      for (const { offset, value } of records) {
        if (offset >= end) break
        const event = decoded(codec, value)
        if (event === undefined || !userIds.has(event.userId)) continue
        if (event.type === 'upsert') profiles.set(event.userId, event.profile)
        else profiles.delete(event.userId)
      }
      if (records.at(-1)!.offset + 1 >= end) break
    }
  }
  return profiles
}

function decoded(codec: Pick<Codec, 'decodeEvent'>, value: Uint8Array) {
  try {
    return codec.decodeEvent('profiles', value)
  } catch (error) {
    if (isMillraceError(error, 'record-unreadable')) return undefined
    throw error
  }
}
