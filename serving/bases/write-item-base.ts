import { encodeIdFrame } from '#schemas/bases/id-frame.ts'
import { encodeItemFrame, type BaseItem, type BaseStatistics } from '#schemas/bases/item-frame.ts'
import { encodeItemBase, type ItemBase } from '#schemas/bases/manifests.ts'
import { encodeVectorFrame } from '#schemas/bases/vector-frame.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import { blankCatalogueRow } from '#schemas/rows/catalogue-rows.ts'
import type { CoViewedSlot } from '../read-model/co-views.ts'
import type { Items, KnownItem } from '../read-model/items.ts'
import type { StreamingVectors } from '../read-model/streaming-vectors.ts'
import { frameWriter } from './segments.ts'

export interface WriteItemBaseOptions {
  readonly items: Items
  readonly streaming: StreamingVectors
  readonly rows: string
  /** Up to these everything noticed has been read: so all that is written now is at or ahead of them. */
  readonly positions: ItemBase['positions']
  readonly blobs: Pick<BlobStore, 'put'>
  readonly codec: Pick<Codec, 'encodeRow'>
  /** Awaited after each frame: a millisecond or two of work. */
  readonly pace: () => Promise<void>
}

const itemsOfFrame = 250
const bytesOfFrame = 128 * 1024

/** Writes what is known of all items. Resolves with the digest of the manifest when all is durable. */
export async function writeItemBase(options: WriteItemBaseOptions): Promise<string> {
  const { items, blobs, pace, rows, positions } = options
  const ofItems = frameWriter(blobs, pace)
  for (let slot = 0; slot < items.slots.size();) {
    const frame = itemsFrom(slot, options)
    await ofItems.add(encodeItemFrame({ first: slot, items: frame }))
    slot += frame.length
  }
  const vectors = await writeVectors(options)
  const ofIds = frameWriter(blobs, pace)
  // Last: by now every slot that was written of has its id.
  const count = items.slots.size()
  for (let slot = 0; slot < count; slot += itemsOfFrame) {
    const length = Math.min(itemsOfFrame, count - slot)
    await ofIds.add(encodeIdFrame(Array.from({ length }, (_, i) => items.slots.idOf(slot + i))))
  }
  const manifest: ItemBase = {
    rows,
    count,
    positions,
    ids: [...(await ofIds.end())],
    items: [...(await ofItems.end())],
    vectors,
  }
  return blobs.put(encodeItemBase(manifest))
}

function itemsFrom(first: number, { items, codec }: WriteItemBaseOptions): readonly BaseItem[] {
  const frame: BaseItem[] = []
  let bytes = 0
  for (let slot = first; slot < items.slots.size(); slot++) {
    if (frame.length === itemsOfFrame || bytes >= bytesOfFrame) break
    const item = baseItem(items.at(slot), items, codec)
    bytes += item.entry?.length ?? 0
    frame.push(item)
  }
  return frame
}

function baseItem(
  { slot, entry, deleted, statistics }: KnownItem,
  items: Items,
  codec: Pick<Codec, 'encodeRow'>,
): BaseItem {
  return {
    entry: entry && codec.encodeRow('catalogue', { ...blankCatalogueRow(), ...rowOf(entry) }),
    deleted,
    statistics: statistics && { ...statistics, coViews: coViewsOf(items.coViews.before(slot)) },
  }
}

const highestCount = 2 ** 32 - 1

function coViewsOf(before: readonly CoViewedSlot[]): BaseStatistics['coViews'] {
  return {
    items: Uint32Array.from(before, ({ slot }) => slot),
    counts: Uint32Array.from(before, ({ count }) => Math.min(count, highestCount)),
  }
}

function rowOf({ item, firstSeenAt, updatedAt }: NonNullable<KnownItem['entry']>) {
  return { item, firstSeenAt, updatedAt }
}

async function writeVectors({ items, streaming, blobs, pace }: WriteItemBaseOptions): Promise<string[]> {
  const frames = frameWriter(blobs, pace)
  for (const version of streaming.versions()) {
    for (const lot of lotsOf(streaming.of(version), itemsOfFrame)) {
      const dimension = lot[0]![1].length
      const alike = lot.filter(([, vector]) => vector.length === dimension)
      const vectors = new Float32Array(alike.length * dimension)
      for (const [row, [, vector]] of alike.entries()) vectors.set(vector, row * dimension)
      const slots = Uint32Array.from(alike, ([itemId]) => items.obtain(itemId).slot)
      await frames.add(encodeVectorFrame({ version, dimension, items: slots, vectors }))
    }
  }
  return [...(await frames.end())]
}

function* lotsOf<T>(all: Iterable<T>, size: number): Iterable<readonly T[]> {
  let lot: T[] = []
  for (const one of all) {
    lot.push(one)
    if (lot.length < size) continue
    yield lot
    lot = []
  }
  if (lot.length > 0) yield lot
}
