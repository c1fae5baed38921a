import { createHash } from 'node:crypto'
import { MillraceError } from '#schemas/errors.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'

/** Blobs in a map by digest. */
export function memoryBlobStore(blobs: Map<string, Uint8Array> = new Map()): BlobStore {
  return {
    async put(bytes) {
      const digest = digestOf(bytes)
      blobs.set(digest, new Uint8Array(bytes))
      return digest
    },
    async get(digest) {
      const bytes = blobs.get(digest)
      if (bytes === undefined) return undefined
      if (digestOf(bytes) !== digest) {
        throw new MillraceError('store-failed', `blob ${digest} no longer has its digest`, { facts: { digest } })
      }
      return new Uint8Array(bytes)
    },
    async delete(digest) {
      blobs.delete(digest)
    },
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
