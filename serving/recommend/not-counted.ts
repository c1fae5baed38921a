import type { AcceptedEvent } from '#schemas/ports/accepted-events.ts'
import type { UserFeatures } from '#schemas/ports/feature-store.ts'
import { partitionOf } from '#schemas/partition.ts'
import { parsePositions } from '#schemas/position.ts'
import type { UserRead } from '../read-model/user-rows.ts'

/** What a user did that their row does not say yet. */
export interface NotCounted {
  /** Oldest first. */
  readonly events: readonly AcceptedEvent[]
  /** The user was erased meanwhile: nothing of the row is theirs any more. */
  readonly voidsRow: boolean
}

/** Of what ingest has accepted, what is above the row and not in it already. */
export function notCounted(accepted: readonly AcceptedEvent[], read: UserRead): NotCounted {
  const features = read.type === 'failed' ? undefined : read.features
  const above = accepted.filter((event) => isAbove(event, features))
  const erasedAt = above.findLastIndex(({ type }) => type === 'erase')
  const known = new Set(features?.head.recent.map(({ id }) => id))
  const events: AcceptedEvent[] = []
  for (const event of above.slice(erasedAt + 1)) {
    if (known.has(event.id)) continue
    known.add(event.id)
    events.push(event)
  }
  return { events, voidsRow: erasedAt !== -1 }
}

function isAbove({ position }: AcceptedEvent, features: UserFeatures | undefined): boolean {
  return features === undefined || (position.epoch === features.head.epoch && position.offset > features.head.offset)
}

/** Whether the positions of a 202 are among what was accepted: then a list that takes it in need not wait for the fold. */
export function isAccepted(
  token: string,
  userId: string,
  accepted: readonly AcceptedEvent[],
  partitions: number,
): boolean {
  const partition = partitionOf(userId, partitions)
  const wanted = parsePositions(token)?.find((position) => position.partition === partition)
  if (wanted === undefined) return false
  return accepted.some(({ position }) => position.epoch === wanted.epoch && position.offset >= wanted.offset)
}
