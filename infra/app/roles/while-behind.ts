import type { AcceptedEvents } from '#schemas/ports/accepted-events.ts'
import { partitionOf } from '#schemas/partition.ts'
import type { Parts } from '../parts.ts'
import type { Chores } from './chores.ts'

const lookEveryMs = 1_000
/** Events of a partition that wait for the fold before anyone takes the trouble. */
const behindBy = 200

/**
 * What was accepted, told and asked for only while the fold of the user's partition is far behind: else the rows say it
 * as soon, and for nothing. Every process looks for itself.
 */
export function acceptedWhileBehind(
  { accepted, log, features }: Pick<Parts, 'accepted' | 'log' | 'features'>,
  chores: Chores,
): AcceptedEvents | undefined {
  if (accepted === undefined) return undefined
  const partitions = log.partitions('interactions')
  let behind: ReadonlySet<number> = new Set()
  const isBehind = (userId: string) => behind.has(partitionOf(userId, partitions))
  chores.every(lookEveryMs, 'measuring how far the fold is behind', async () => {
    const bounds = await log.bounds('interactions')
    const folded = await Promise.all(bounds.map(({ partition }) => features.foldedTo(partition)))
    const late = bounds.filter(({ end, start }, i) => end - (folded[i]?.offset ?? start) > behindBy)
    behind = new Set(late.map(({ partition }) => partition))
  })
  return {
    tell(events) {
      if (behind.size === 0) return
      const late = events.filter(({ event }) => isBehind(event.userId))
      if (late.length > 0) accepted.tell(late)
    },
    of: async (userId) => (isBehind(userId) ? accepted.of(userId) : []),
  }
}
