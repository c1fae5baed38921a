import { decodeGraphBase, decodeItemBase } from '#schemas/bases/manifests.ts'
import type { AnnouncedBase } from '#schemas/events/derived.ts'
import type { ModelLife } from '#schemas/models/model-life.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import { topics } from '#schemas/topics.ts'

/** Bases of one kind and name that stay: the newest, and the one that an instance may be reading while that is written. */
const kept = 2

/** Deletes the blobs of bases that nobody needs any more. What could not be deleted is tried again by the next call. */
export function baseSweeper(options: {
  readonly rows: string
  readonly life: () => ModelLife
  readonly blobs: Pick<BlobStore, 'get' | 'delete'>
  readonly clock: Pick<Clock, 'now'>
  readonly report: (error: unknown, doing: string) => void
}): () => Promise<void> {
  const { blobs } = options
  const gone = new Set<string>()

  function isNeeded(base: AnnouncedBase, { bases, serving, previous }: ModelLife): boolean {
    const alike = bases.filter(({ of, name }) => of === base.of && name === base.name)
    if (!alike.slice(-kept).includes(base)) return false
    if (base.of === 'graph') return [serving, previous].some((model) => model?.version === base.name)
    // Other rows may be served by instances of another release: until the tail of the base has left the log.
    return base.name === options.rows || options.clock.now() - base.at < tailKeptMs
  }

  return async () => {
    const life = options.life()
    const needed = life.bases.filter((base) => isNeeded(base, life))
    const left = life.bases.filter((base) => !needed.includes(base) && !gone.has(base.blob))
    if (left.length === 0) return
    // Equal segments of two bases are one blob.
    const parts = await Promise.all(needed.map((base) => partsOf(base)))
    const spared = new Set(parts.flat())
    for (const base of left) {
      try {
        for (const digest of await partsOf(base)) if (!spared.has(digest)) await blobs.delete(digest)
        // Last: a sweep that is broken off finds it again.
        await blobs.delete(base.blob)
        gone.add(base.blob)
      } catch (error) {
        options.report(error, 'deleting an old base')
      }
    }
  }

  async function partsOf({ of, blob }: AnnouncedBase): Promise<readonly string[]> {
    const bytes = await blobs.get(blob)
    if (bytes === undefined) return []
    if (of === 'items') {
      const { ids, items, vectors } = decodeItemBase(bytes)
      return [...ids, ...items, ...vectors]
    }
    const { ids, vectors, pieces } = decodeGraphBase(bytes)
    return [...ids, ...vectors, ...pieces]
  }
}

const { retention } = topics['item-notices']
const tailKeptMs = retention.type === 'time' ? retention.ms : Infinity
