import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { join } from 'node:path'
import { MillraceError } from '#schemas/errors.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import { errnoOf, fileFailure, openFolder, replaceFile } from './atomic-file.ts'

/** Blobs as files named by their digest. Several processes may write to the folder: equal names hold equal bytes. */
export function folderBlobStore({ folder }: { readonly folder: string }): BlobStore {
  let ready: Promise<void> | undefined
  return {
    async put(bytes) {
      const digest = await digestOf(bytes)
      await (ready ??= openFolder(folder))
      await replaceFile(join(folder, digest), bytes)
      return digest
    },
    async get(digest) {
      if (!isDigest(digest)) return undefined
      const path = join(folder, digest)
      const bytes = await readIfThere(path)
      if (bytes !== undefined && (await digestOf(bytes)) !== digest) {
        throw new MillraceError('store-failed', `${path} no longer holds the bytes it is named by`, { facts: { path } })
      }
      return bytes
    },
    async delete(digest) {
      if (!isDigest(digest)) return
      const path = join(folder, digest)
      try {
        await rm(path, { force: true })
      } catch (error) {
        throw fileFailure(path, error)
      }
    },
  }
}

/** A slice at a time, so that a large blob does not hold up the event loop. */
async function digestOf(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256')
  for (let at = 0; at < bytes.length; at += slice) {
    if (at > 0) await setImmediate()
    hash.update(bytes.subarray(at, at + slice))
  }
  return hash.digest('hex')
}

const slice = 2 ** 20

/** Digests become file names: nothing else may. */
function isDigest(digest: string): boolean {
  return /^[0-9a-f]{64}$/.test(digest)
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    const { buffer, byteOffset, byteLength } = await readFile(path)
    return new Uint8Array(buffer, byteOffset, byteLength)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw fileFailure(path, error)
  }
}
