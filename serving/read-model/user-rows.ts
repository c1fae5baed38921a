import type { Notice } from '#schemas/events/derived.ts'
import type { FeatureStore, UserFeatures } from '#schemas/ports/feature-store.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import type { HeardNotices } from './heard-notices.ts'

export type UserRead =
  | { readonly type: 'read'; readonly features: UserFeatures | undefined }
  /** The row could not be read; this is what was known of it before. */
  | { readonly type: 'stale'; readonly features: UserFeatures | undefined; readonly error: unknown }
  | { readonly type: 'failed'; readonly error: unknown }

/** User rows, through a cache that holds the version of each row and is kept right by notices. */
export interface UserRows {
  /** `fresh`: from the store, whatever is cached. A store that fails is an answer, not an error. */
  read(userId: string, fresh: boolean): Promise<UserRead>
  /** A row changed: what is cached of an older version is not served again, unless as `stale`. */
  notice(notice: Notice): void
  /** Calls `listener` on the next notice about the user; the answer stops that. */
  onNotice(userId: string, listener: (notice: Notice) => void): () => void
}

interface Cached {
  readonly features: UserFeatures | undefined
  readonly offset: number
  current: boolean
}

export function userRows(options: {
  readonly features: Pick<FeatureStore, 'user'>
  /** Rows kept; the least recently used go first. 0: every read goes to the store. */
  readonly capacity: number
  /** With it a store may answer copies that are no older than what was heard. */
  readonly heard?: HeardNotices
  readonly metrics: Metrics
}): UserRows {
  const { features, capacity, heard, metrics } = options
  const cache = new Map<string, Cached>()
  /** Highest offset announced of users that are being read: an older row that comes back is not cached. */
  const reading = new Map<string, { readers: number; announced: number }>()
  const listeners = new Map<string, Set<(notice: Notice) => void>>()

  function keep(userId: string, row: UserFeatures | undefined, announced: number): void {
    const offset = row?.head.offset ?? -1
    const known = cache.get(userId)
    if (offset < announced || (known !== undefined && known.offset > offset)) return
    cache.delete(userId)
    cache.set(userId, { features: row, offset, current: true })
    const oldest = cache.keys().next()
    if (cache.size > capacity && oldest.done !== true) cache.delete(oldest.value)
  }

  async function readThrough(userId: string, fresh: boolean): Promise<UserFeatures | undefined> {
    const watch = reading.get(userId) ?? { readers: 0, announced: -1 }
    watch.readers++
    reading.set(userId, watch)
    try {
      const known = heard?.of(userId)
      const row = await features.user(userId, known !== undefined && fresh ? { ...known, user: Infinity } : known)
      if (capacity > 0 && row?.stale === undefined) keep(userId, row, watch.announced)
      return row
    } finally {
      if (--watch.readers === 0) reading.delete(userId)
    }
  }

  return {
    async read(userId, fresh) {
      const known = cache.get(userId)
      if (known?.current === true && !fresh) {
        metrics.count('millrace_cache_hits_total', 1, { cache: 'user-rows' })
        cache.delete(userId)
        cache.set(userId, known)
        return { type: 'read', features: known.features }
      }
      metrics.count('millrace_cache_misses_total', 1, { cache: 'user-rows' })
      try {
        const row = await readThrough(userId, fresh)
        if (row?.stale === undefined) return { type: 'read', features: row }
        const isOlder = known !== undefined && known.offset > row.head.offset
        return { type: 'stale', features: isOlder ? known.features : row, error: row.stale.error }
      } catch (error) {
        return known === undefined ? { type: 'failed', error } : { type: 'stale', features: known.features, error }
      }
    },
    notice(notice) {
      const { key, position } = notice
      heard?.hear(notice)
      const watch = reading.get(key)
      if (watch !== undefined) watch.announced = Math.max(watch.announced, position.offset)
      const known = cache.get(key)
      if (known !== undefined && known.offset < position.offset) known.current = false
      for (const listener of listeners.get(key) ?? []) listener(notice)
    },
    onNotice(userId, listener) {
      const known = listeners.get(userId) ?? new Set()
      listeners.set(userId, known.add(listener))
      return () => {
        known.delete(listener)
        if (known.size === 0) listeners.delete(userId)
      }
    },
  }
}
