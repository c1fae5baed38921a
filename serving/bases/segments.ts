import { joinFrames } from '#schemas/bases/segment.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'

/** Puts bytes into blobs as they come. */
export interface SegmentWriter {
  /** Resolves when more may come. */
  add(bytes: Uint8Array): Promise<void>
  /** Resolves with the digests in order, when all is durable. */
  end(): Promise<readonly string[]>
}

/** A blob is hashed in one go when it is put and when it is got: about a millisecond of the thread. */
const segmentBytes = 1 << 20
const putsAtOnce = 4
const getsAtOnce = 8

/** Frames gathered into segments. `pace` is awaited after each. */
export function frameWriter(blobs: Pick<BlobStore, 'put'>, pace: () => Promise<void>): SegmentWriter {
  const segments = pieceWriter(blobs, async () => {})
  let frames: Uint8Array[] = []
  let size = 0

  async function flush(): Promise<void> {
    const segment = joinFrames(frames)
    frames = []
    size = 0
    await segments.add(segment)
  }

  return {
    async add(frame) {
      frames.push(frame)
      size += frame.length
      if (size >= segmentBytes) await flush()
      await pace()
    },
    async end() {
      if (frames.length > 0) await flush()
      return segments.end()
    },
  }
}

/** A blob for each piece. `pace` is awaited after each. */
export function pieceWriter(blobs: Pick<BlobStore, 'put'>, pace: () => Promise<void>): SegmentWriter {
  const digests: Promise<string>[] = []
  return {
    async add(piece) {
      const put = blobs.put(piece)
      // Whoever awaits it sees the failure; until then it is not an unhandled one.
      put.catch(() => {})
      digests.push(put)
      await digests.at(-putsAtOnce)
      await pace()
    },
    end: () => Promise.all(digests),
  }
}

/** The blobs in order, some of them fetched ahead. Throws `store-failed` where one is missing or changed. */
export async function* fetchBlobs(
  blobs: Pick<BlobStore, 'get'>,
  digests: readonly string[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const fetching: Promise<Uint8Array | undefined>[] = []
  for (let at = 0; at < digests.length; at++) {
    while (fetching.length < getsAtOnce && at + fetching.length < digests.length) {
      const got = blobs.get(digests[at + fetching.length]!)
      got.catch(() => {})
      fetching.push(got)
    }
    const bytes = await fetching.shift()
    if (bytes === undefined) throw missing(digests[at]!)
    yield bytes
  }
}

export function missing(digest: string): MillraceError {
  return new MillraceError('store-failed', `A base needs blob ${digest}, which is not there`, { facts: { digest } })
}
