import { setImmediate } from 'node:timers/promises'
import { decodeIdFrame } from '#schemas/bases/id-frame.ts'
import { decodeItemFrame, type BaseItem } from '#schemas/bases/item-frame.ts'
import { decodeItemBase, type ItemBase } from '#schemas/bases/manifests.ts'
import { framesIn } from '#schemas/bases/segment.ts'
import { decodeVectorFrame } from '#schemas/bases/vector-frame.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { AnnouncedBase } from '#schemas/events/derived.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { Position } from '#schemas/position.ts'
import type { Items } from '../read-model/items.ts'
import type { StreamingVectors } from '../read-model/streaming-vectors.ts'
import { fetchBlobs, missing } from './segments.ts'

/** Topics that are followed from where a base ends. */
const tailed = ['item-notices', 'item-vectors'] as const

export interface FindItemBaseOptions {
  readonly bases: readonly AnnouncedBase[]
  readonly rows: string
  readonly blobs: Pick<BlobStore, 'get'>
  readonly log: Pick<EventLog, 'bounds'>
  readonly report: (error: unknown, doing: string) => void
}

/** The newest base of these rows whose tail is still on the log; one that cannot be used is reported and passed over. */
export async function findItemBase(options: FindItemBaseOptions): Promise<ItemBase | undefined> {
  const { bases, rows, blobs, report } = options
  for (const { blob } of bases.filter(({ of, name }) => of === 'items' && name === rows).toReversed()) {
    try {
      const bytes = await blobs.get(blob)
      if (bytes === undefined) throw missing(blob)
      const base = decodeItemBase(bytes)
      if (base.rows !== rows) throw new MillraceError('record-unreadable', `Base ${blob} is of other rows`)
      for (const topic of tailed) requireTail(topic, base.positions[topic], await options.log.bounds(topic))
      return base
    } catch (error) {
      report(error, 'looking at a base of items; an older one or the rows are read instead')
    }
  }
  return undefined
}

/** Throws where records have left the log that the base knows nothing of, or where its positions are of another log. */
function requireTail(
  topic: string,
  positions: readonly Position[],
  bounds: Awaited<ReturnType<EventLog['bounds']>>,
): void {
  for (const { epoch, partition, start, end } of bounds) {
    const from = positions.find((position) => position.partition === partition)
    const facts = { topic, partition, from, start, end }
    if (from === undefined || from.epoch !== epoch || from.offset > end) {
      throw new MillraceError('log-went-back', `A base is of another ${topic} than this`, { facts })
    }
    if (from.offset < start)
      throw new MillraceError('log-truncated', `A base is older than what ${topic} keeps`, { facts })
  }
}

/**
 * Takes over what a base says of items and of streaming vectors. What it took before it failed is true, as of the base.
 * Throws `store-failed` or `record-unreadable`.
 */
export async function loadItemBase(
  base: ItemBase,
  into: { readonly items: Items; readonly streaming: StreamingVectors },
  options: {
    readonly blobs: Pick<BlobStore, 'get'>
    readonly codec: Pick<Codec, 'decodeRow'>
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { items, streaming } = into
  const slots: number[] = []

  function slotOf(number: number): number {
    const slot = slots[number]
    if (slot === undefined) throw new MillraceError('record-unreadable', `A base has no item ${number}`)
    return slot
  }

  function take(slot: number, { entry, deleted, statistics }: BaseItem): void {
    const itemId = items.slots.idOf(slot)
    if (entry !== undefined) {
      const { item, firstSeenAt, updatedAt } = options.codec.decodeRow('catalogue', entry)
      items.setEntry(itemId, item === null ? undefined : { itemId, item, firstSeenAt, updatedAt })
    } else if (deleted) items.setEntry(itemId, undefined)
    if (statistics === undefined) return
    const { coViews, ...counts } = statistics
    const before = Array.from(coViews.items, (item, i) => ({ slot: slotOf(item), count: coViews.counts[i]! }))
    items.setCounts(slot, counts, before)
  }

  for await (const frame of framesOf(base.ids)) {
    for (const itemId of decodeIdFrame(frame)) slots.push(items.obtain(itemId).slot)
  }
  for await (const bytes of framesOf(base.items)) {
    const frame = decodeItemFrame(bytes)
    for (const [i, item] of frame.items.entries()) take(slotOf(frame.first + i), item)
  }
  for await (const bytes of framesOf(base.vectors)) {
    const { version, dimension, items: numbers, vectors } = decodeVectorFrame(bytes)
    for (const [row, number] of numbers.entries()) {
      const vector = vectors.slice(row * dimension, (row + 1) * dimension)
      streaming.restore(version, items.slots.idOf(slotOf(number)), vector)
    }
  }

  /** One at a time, others having their turn in between. */
  async function* framesOf(digests: readonly string[]): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const segment of fetchBlobs(options.blobs, digests)) {
      for (const frame of framesIn(segment)) {
        options.signal.throwIfAborted()
        yield frame
        await setImmediate()
      }
    }
  }
}
