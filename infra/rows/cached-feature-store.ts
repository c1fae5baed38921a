import { isMillraceError } from '#schemas/errors.ts'
import type { Cache } from '#schemas/ports/cache.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { FeatureStore, Heard, UserFeatures } from '#schemas/ports/feature-store.ts'
import { noMetrics, type Metrics } from '#schemas/ports/metrics.ts'
import { rowLimits, type RowLimits } from '#schemas/settings.ts'
import { decodeUser, encodeUser } from './user-copy.ts'

export interface CachedFeatureStoreOptions {
  readonly features: FeatureStore
  /** Shared by all who serve. */
  readonly cache: Cache
  readonly codec: Codec
  /** Names the rows, with their epoch: offsets of others say nothing about these. */
  readonly rows: string
  /** Bounds the rows were folded under. */
  readonly limits?: RowLimits
  /** How long a copy is kept, unless the cache lets it go before. No copy is answered for its age alone. */
  readonly ttlMs?: number
  /** The same for the knowledge that a user has no row. */
  readonly absentTtlMs?: number
  readonly metrics?: Metrics
}

const label = { cache: 'shared-user-rows' }

interface Copy {
  readonly features: UserFeatures | undefined
  /** Holds everything of the user up to this offset of their partition. */
  readonly asOf: number
}

/**
 * A feature store that keeps copies of users in a cache and answers them to readers who say what they have heard. A
 * copy's version is the offset it is as of: that of its head, or what its writer had heard of the partition before it
 * read, if that is higher; so of two copies the one of the higher version is never the older. A cache that fails
 * makes reads slower, never wrong.
 */
export function cachedFeatureStore(options: CachedFeatureStoreOptions): FeatureStore {
  const { features, cache, codec, rows, limits = rowLimits, metrics = noMetrics } = options
  const { ttlMs = 600_000, absentTtlMs = 10_000 } = options

  async function copyOf(key: string): Promise<Copy | undefined> {
    try {
      const entry = await cache.get(key)
      return entry === undefined ? undefined : { features: decodeUser(codec, entry.value, limits), asOf: entry.version }
    } catch (error) {
      // A cache that is down, or a copy by another version of this program.
      if (isMillraceError(error)) return undefined
      throw error
    }
  }

  async function keep(key: string, row: UserFeatures | undefined, heard: Heard): Promise<void> {
    const asOf = Math.max(row?.head.offset ?? -1, heard.partition)
    const lives = row === undefined ? absentTtlMs : ttlMs
    try {
      await cache.setIfNewer(key, encodeUser(codec, row, limits), asOf, lives)
    } catch (error) {
      // Without this copy the next reader goes to the rows. The cache counts its own failures.
      if (!isMillraceError(error)) throw error
    }
  }

  return {
    ...features,
    async user(userId, heard) {
      if (heard === undefined) return features.user(userId)
      const key = `user:${rows}:${userId}`
      const copy = await copyOf(key)
      if (copy !== undefined && copy.asOf >= heard.user) {
        metrics.count('millrace_cache_hits_total', 1, label)
        return copy.features
      }
      metrics.count('millrace_cache_misses_total', 1, label)
      const row = await readOr(copy, () => features.user(userId))
      // Nobody waits for the copy: it is as of what was heard before the read, however late it is written.
      if (row?.stale === undefined) void keep(key, row, heard)
      return row
    },
  }
}

async function readOr(
  copy: Copy | undefined,
  read: () => Promise<UserFeatures | undefined>,
): Promise<UserFeatures | undefined> {
  try {
    return await read()
  } catch (error) {
    if (copy?.features === undefined) throw error
    return { ...copy.features, stale: { error } }
  }
}
