import { unsaid, type Interaction } from '#schemas/events/interactions.ts'
import type { FoldAt } from '#schemas/fold/rows.ts'
import type { Histories } from '../histories.ts'

/** Entries of histories by their times, those of one time in the order of the histories. */
export interface Timeline {
  readonly entries: Uint32Array
  /** User of each entry of the histories. */
  readonly users: Uint32Array
}

export function timelineOf({ starts, times, userIds }: Histories): Timeline {
  const users = new Uint32Array(times.length)
  for (let user = 0; user < userIds.length; user++) users.fill(user, starts[user], starts[user + 1])
  const entries = Uint32Array.from(users.keys()).sort((a, b) => times[a]! - times[b]! || a - b)
  return { entries, users }
}

/** An entry as the event it came from, at this place of a log that holds the timeline. */
export function eventOf(histories: Histories, entry: number, user: number, offset: number): [Interaction, FoldAt] {
  const value = histories.values[entry]!
  const time = histories.times[entry]!
  const event: Interaction = {
    ...unsaid,
    type: 'interaction',
    id: String(entry),
    userId: histories.userIds[user]!,
    itemId: histories.itemIds[histories.items[entry]!]!,
    action: histories.actionNames[histories.actions[entry]!]!,
    value: Number.isNaN(value) ? null : value,
    occurredAt: time,
    acceptedAt: time,
  }
  return [event, { epoch: 0, partition: 0, offset, acceptedAt: time }]
}
