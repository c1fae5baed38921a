import type { Notice } from '#schemas/events/derived.ts'
import { partitionOf } from '#schemas/partition.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { FeatureStore, Heard } from '#schemas/ports/feature-store.ts'

/** What notices have said of user rows: exact for the users announced last, for all others a bound that is never too low. */
export interface HeardNotices {
  hear(notice: Notice): void
  /** That no copy will do, until it is known what may have been announced before we listened. */
  of(userId: string): Heard
  /** Nothing above `announced` was announced before we listened; all heads up to `folded` are in the rows. */
  begin(partition: number, before: { readonly announced: number; readonly folded: number }): void
}

interface HeardOfPartition {
  /** Highest offset announced of a user who is not remembered: those of before we listened, and those let go since. */
  forgotten: number
  highest: number
  isBegun: boolean
}

export function heardNotices(options: {
  /** Users remembered; those announced longest ago go first. */
  readonly capacity: number
  /** Of `interactions`. */
  readonly partitions: number
}): HeardNotices {
  const { capacity, partitions } = options
  /** Announced longest ago first. */
  const remembered = new Map<string, number>()
  const all = Array.from({ length: partitions }, (): HeardOfPartition => ({
    forgotten: -1,
    highest: -1,
    isBegun: false,
  }))

  function forget(userId: string, offset: number): void {
    const of = all[partitionOf(userId, partitions)]!
    remembered.delete(userId)
    of.forgotten = Math.max(of.forgotten, offset)
  }

  return {
    hear({ key, row, position: { offset } }) {
      if (row !== 'user') return
      const of = all[partitionOf(key, partitions)]!
      of.highest = Math.max(of.highest, offset)
      const known = remembered.get(key) ?? -1
      if (known >= offset) return
      remembered.delete(key)
      remembered.set(key, offset)
      const oldest = remembered.entries().next()
      if (remembered.size > capacity && oldest.done !== true) forget(...oldest.value)
    },
    of(userId) {
      const { forgotten, highest, isBegun } = all[partitionOf(userId, partitions)]!
      // A notice may be repeated after later ones: one that is remembered may be older than one forgotten.
      const user = isBegun ? Math.max(forgotten, remembered.get(userId) ?? -1) : Infinity
      return { user, partition: highest }
    },
    begin(partition, { announced, folded }) {
      const of = all[partition]!
      of.forgotten = Math.max(of.forgotten, announced)
      of.highest = Math.max(of.highest, folded)
      of.isBegun = true
    },
  }
}

/** To be called once notices are followed: what was announced before is on the log, and so below its end. */
export async function beginHearing(
  heard: HeardNotices,
  ports: { readonly log: Pick<EventLog, 'bounds'>; readonly features: Pick<FeatureStore, 'foldedTo'> },
): Promise<void> {
  for (const { epoch, partition, end } of await ports.log.bounds('interactions')) {
    const next = await ports.features.foldedTo(partition)
    const folded = next?.epoch === epoch ? next.offset - 1 : -1
    heard.begin(partition, { announced: end - 1, folded })
  }
}
