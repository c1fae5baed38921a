import type { Member, Membership } from '#schemas/ports/membership.ts'
import { shareCalls } from '#schemas/shares.ts'

/** Every member has all partitions, at once and until it leaves: for a process that shares with nobody. */
export function soleMembership(partitions: number): Membership {
  const all = Array.from({ length: partitions }, (_, partition) => partition)
  return {
    join({ onShare }): Member {
      const shares = shareCalls(onShare)
      const leaving = Promise.withResolvers<void>()
      const joined = shares.set(all)
      const ended = joined.then(() => leaving.promise).then(() => shares.set([]))
      // Whoever waits for it sees the failure; until then it is not an unhandled one.
      ended.catch(() => {})
      return {
        joined,
        ended,
        leave() {
          leaving.resolve()
          return ended
        },
      }
    },
  }
}
