import { MillraceError } from '#schemas/errors.ts'
import { partitionOf } from '#schemas/partition.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { FeatureStore, UserFeatures } from '#schemas/ports/feature-store.ts'

export interface FoldedUserOptions {
  readonly log: Pick<EventLog, 'bounds' | 'partitions'>
  readonly features: Pick<FeatureStore, 'user' | 'foldedTo'>
  readonly clock: Clock
  /** How long the fold may take to catch up. */
  readonly patienceMs: number
}

/**
 * A user as of everything that was accepted of them before the call: waits for the fold. What an erase or an adopt is
 * built from must not miss an event that was answered 202. Throws `overloaded` when the fold stays behind.
 */
export async function foldedUser(options: FoldedUserOptions, userId: string): Promise<UserFeatures | undefined> {
  const { log, features, clock, patienceMs } = options
  const partition = partitionOf(userId, log.partitions('interactions'))
  const end = (await log.bounds('interactions'))[partition]?.end ?? 0
  const until = clock.now() + patienceMs
  while (((await features.foldedTo(partition))?.offset ?? 0) < end) {
    if (clock.now() >= until) {
      throw new MillraceError('overloaded', "This user's events are still being counted. Send it again in a moment.", {
        retriable: true,
        facts: { partition, end },
      })
    }
    await clock.sleep(pollMs)
  }
  return features.user(userId)
}

const pollMs = 5
