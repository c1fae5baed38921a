import { setImmediate } from 'node:timers/promises'
import { decodeIdFrame, encodeIdFrame } from '#schemas/bases/id-frame.ts'
import { decodeGraphBase, encodeGraphBase, type GraphBase } from '#schemas/bases/manifests.ts'
import { framesIn } from '#schemas/bases/segment.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { AnnouncedBase } from '#schemas/events/derived.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import type { IndexBase } from '#schemas/ports/vector-index.ts'
import type { Items } from '../read-model/items.ts'
import { fetchBlobs, frameWriter, missing, pieceWriter } from './segments.ts'

const rowsOfFrame = 1_000
const numbersOfPiece = 1 << 18

export interface WriteGraphBaseOptions {
  readonly version: string
  readonly base: IndexBase
  readonly items: Items
  readonly blobs: Pick<BlobStore, 'put'>
  readonly pace: () => Promise<void>
}

/** Writes the base of an index, its rows named by item. Resolves with the digest of the manifest when all is durable. */
export async function writeGraphBase({ version, base, items, blobs, pace }: WriteGraphBaseOptions): Promise<string> {
  const { format, slots, vectors } = base
  const ids = frameWriter(blobs, pace)
  for (let row = 0; row < slots.length; row += rowsOfFrame) {
    await ids.add(encodeIdFrame(Array.from(slots.subarray(row, row + rowsOfFrame), (slot) => items.slots.idOf(slot))))
  }
  const numbers = pieceWriter(blobs, pace)
  for (let at = 0; at < vectors.length; at += numbersOfPiece) {
    // A copy: the vectors may be in memory that threads share, which not every store takes.
    await numbers.add(new Uint8Array(vectors.slice(at, at + numbersOfPiece).buffer))
  }
  const pieces = pieceWriter(blobs, pace)
  for await (const piece of base.pieces()) await pieces.add(new Uint8Array(piece))
  const manifest: GraphBase = {
    version,
    format,
    dimension: slots.length === 0 ? 1 : vectors.length / slots.length,
    rows: slots.length,
    ids: [...(await ids.end())],
    vectors: [...(await numbers.end())],
    pieces: [...(await pieces.end())],
  }
  return blobs.put(encodeGraphBase(manifest))
}

/** The newest base of an index over this model; one that cannot be read is reported and passed over. */
export async function findGraphBase(options: {
  readonly bases: readonly AnnouncedBase[]
  readonly version: string
  readonly items: Items
  readonly blobs: Pick<BlobStore, 'get'>
  readonly report: (error: unknown, doing: string) => void
}): Promise<IndexBase | undefined> {
  const { bases, version, report } = options
  for (const { blob } of bases.filter(({ of, name }) => of === 'graph' && name === version).toReversed()) {
    try {
      return await readGraphBase(blob, options)
    } catch (error) {
      report(error, `reading the base of an index of model ${version}; the graph is built instead`)
    }
  }
  return undefined
}

async function readGraphBase(
  blob: string,
  { blobs, items }: { readonly blobs: Pick<BlobStore, 'get'>; readonly items: Items },
): Promise<IndexBase> {
  const bytes = await blobs.get(blob)
  if (bytes === undefined) throw missing(blob)
  const { format, dimension, rows, ids, vectors, pieces } = decodeGraphBase(bytes)
  const slots = new Uint32Array(rows)
  const numbers = new Uint8Array(rows * dimension * Float32Array.BYTES_PER_ELEMENT)
  let row = 0
  for await (const segment of fetchBlobs(blobs, ids)) {
    for (const frame of framesIn(segment)) {
      for (const itemId of decodeIdFrame(frame)) slots[row++] = items.obtain(itemId).slot
      await setImmediate()
    }
  }
  let at = 0
  for await (const piece of fetchBlobs(blobs, vectors)) {
    if (at + piece.length > numbers.length) throw unfit(blob)
    numbers.set(piece, at)
    at += piece.length
  }
  if (row !== rows || at !== numbers.length) throw unfit(blob)
  return { format, slots, vectors: new Float32Array(numbers.buffer), pieces: () => fetchBlobs(blobs, pieces) }
}

function unfit(blob: string): MillraceError {
  return new MillraceError('record-unreadable', `The parts of index base ${blob} do not fit together`)
}
