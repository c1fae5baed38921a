import { hash53 } from '#schemas/math/hash.ts'

/** Remembers ids that were durably accepted of late, to tell a client which of its events were repeats. */
export interface RecentIds {
  has(userId: string, id: string): boolean
  add(userId: string, id: string): void
}

/**
 * Remembers at least the last `capacity` ids and at most twice as many. It holds hashes: one id in 10^10 is taken for
 * another, which miscounts an answer and loses nothing, because no event is dropped for being known here.
 */
export function recentIds(capacity: number): RecentIds {
  let young = new Set<number>()
  let old = new Set<number>()
  const keyOf = (userId: string, id: string) => hash53(`${userId}\u0000${id}`)
  return {
    has(userId, id) {
      const key = keyOf(userId, id)
      return young.has(key) || old.has(key)
    },
    add(userId, id) {
      young.add(keyOf(userId, id))
      if (young.size < capacity) return
      old = young
      young = new Set()
    },
  }
}
