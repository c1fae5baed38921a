import { joinHistory } from '#schemas/fold/whole-history.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { CatalogueEntry, FeatureStore, ItemFeatures } from '#schemas/ports/feature-store.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import type { CatalogueRow } from '#schemas/rows/catalogue-rows.ts'
import type { RowOf, TableName } from '#schemas/rows/tables.ts'
import type { HistoryEntry, UserChunk, UserHead } from '#schemas/rows/user-rows.ts'
import { rowLimits, type RowLimits } from '#schemas/settings.ts'
import { scanKeys } from './scan-keys.ts'

export interface RowFeatureStoreOptions {
  readonly store: StateStore
  readonly codec: Codec
  /** Bounds the rows were folded under. */
  readonly limits?: RowLimits
}

/** Rows decoded before others have their turn: rows of 1,000 busy users or items take some 100 ms. */
const pageSize = 250

/** Name of the checkpoints of the fold of `interactions`. */
const task = 'interactions'

/**
 * Features read from rows. Rows of one answer are read one after the other while the fold goes on, so an answer may mix
 * moments: a history is cut to what its head counts. In an item's `users` an entry at or below that user's last erase is
 * void; item rows do not know of erases, so leaving such users out is left to whoever has their heads.
 */
export function rowFeatureStore({ store, codec, limits = rowLimits }: RowFeatureStoreOptions): FeatureStore {
  async function row<T extends TableName>(table: T, key: string): Promise<RowOf[T] | undefined> {
    const [bytes] = await store.read([{ table, key, part: 0 }])
    return bytes === undefined ? undefined : codec.decodeRow(table, bytes)
  }

  async function history(userId: string, head: UserHead): Promise<readonly HistoryEntry[]> {
    if (head.count <= limits.head) return head.recent.slice(-limits.history)
    const parts = await store.readParts('user-chunks', userId)
    const chunks = parts.map(({ bytes }) => codec.decodeRow('user-chunks', bytes))
    return joinHistory(
      head,
      chunks.filter((chunk) => isOf(head, chunk, limits)),
      limits,
    )
  }

  return {
    async user(userId) {
      const head = await row('user-heads', userId)
      return head === undefined ? undefined : { head, history: await history(userId, head) }
    },
    async profile(userId) {
      return (await row('profiles', userId))?.profile ?? undefined
    },
    async catalogueEntry(itemId) {
      const found = await row('catalogue', itemId)
      return found === undefined ? undefined : entryOf(itemId, found)
    },
    async itemFeatures(itemId) {
      const parts = await store.readParts('item-statistics', itemId)
      return { itemId, partial: parts.map(({ bytes }) => codec.decodeRow('item-statistics', bytes)) }
    },
    async *catalogue() {
      for await (const page of store.scan('catalogue', { pageSize })) {
        const entries = page.map(({ key, bytes }) => entryOf(key, codec.decodeRow('catalogue', bytes)))
        yield entries.filter((entry) => entry !== undefined)
      }
    },
    async *statistics() {
      for await (const page of scanKeys(store, 'item-statistics', { pageSize })) {
        yield page.map(({ key, parts }): ItemFeatures => ({
          itemId: key,
          partial: parts.map((bytes) => codec.decodeRow('item-statistics', bytes)),
        }))
      }
    },
    async *users() {
      for await (const page of store.scan('user-heads', { pageSize })) {
        yield page.map(({ key, bytes }) => ({ userId: key, head: codec.decodeRow('user-heads', bytes) }))
      }
    },
    async foldedTo(partition) {
      return store.checkpoint(task, partition)
    },
  }
}

/**
 * Is the chunk part of the history this head counts? Not when an erase that the head knows of has voided it, when it was
 * written after the head was read, or when it has left the ring.
 */
function isOf(head: UserHead, chunk: UserChunk, limits: RowLimits): boolean {
  const sealed = Math.floor(head.count / limits.head)
  return chunk.offset > head.erasedAt && chunk.offset <= head.offset && chunk.index >= sealed - limits.chunks
}

function entryOf(itemId: string, { item, firstSeenAt, updatedAt }: CatalogueRow): CatalogueEntry | undefined {
  return item === null ? undefined : { itemId, item, firstSeenAt, updatedAt }
}
