import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { MillraceError } from '#schemas/errors.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import { s3Bucket, type S3Options } from './bucket.ts'
import { downloadInParts, uploadInParts } from './in-parts.ts'
import { s3Failure, statusOf } from './s3-failure.ts'

export interface S3BlobStoreOptions extends S3Options {
  /** Larger blobs are written and read in parts of this size; S3 takes no smaller ones than 5 MiB. Default 8 MiB. */
  readonly partBytes?: number
  /** Parts of one blob under way at once. Default 4. */
  readonly partsAtOnce?: number
}

export interface S3BlobStore extends BlobStore {
  close(): void
}

/**
 * Blobs as objects `<prefix>blobs/<digest>` of a bucket. Throws `store-failed` (retriable when the store did not answer
 * or is overloaded), `store-full`, or `configuration-invalid` when bucket or login are refused.
 */
export function s3BlobStore(options: S3BlobStoreOptions): S3BlobStore {
  const { partBytes = 8 * 2 ** 20, partsAtOnce: atOnce = 4 } = options
  const bucket = s3Bucket(options)
  const { client, name: Bucket } = bucket
  const keyOf = (digest: string): string => `${bucket.prefix}blobs/${digest}`

  async function sizeOf(Key: string): Promise<number | undefined> {
    try {
      return (await client.send(new HeadObjectCommand({ Bucket, Key }))).ContentLength ?? 0
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw s3Failure(Bucket, error)
    }
  }

  return {
    async put(bytes) {
      const digest = await digestOf(bytes)
      const Key = keyOf(digest)
      await bucket.writing(async () => {
        if (bytes.length <= partBytes) await client.send(new PutObjectCommand({ Bucket, Key, Body: bytes }))
        else await uploadInParts(bucket, Key, bytes, { partBytes, atOnce })
      })
      return digest
    },
    async get(digest) {
      if (!isDigest(digest)) return undefined
      const Key = keyOf(digest)
      const size = await sizeOf(Key)
      if (size === undefined) return undefined
      const bytes = new Uint8Array(size)
      await downloadInParts(bucket, Key, bytes, { partBytes, atOnce })
      if ((await digestOf(bytes)) === digest) return bytes
      throw new MillraceError('store-failed', `${Key} of ${Bucket} no longer holds the bytes it is named by`, {
        facts: { bucket: Bucket, key: Key },
      })
    },
    async delete(digest) {
      if (!isDigest(digest)) return
      try {
        await client.send(new DeleteObjectCommand({ Bucket, Key: keyOf(digest) }))
      } catch (error) {
        if (statusOf(error) !== 404) throw s3Failure(Bucket, error)
      }
    },
    close: () => bucket.close(),
  }
}

/** A slice at a time, so that hashing gigabytes does not hold up the event loop. */
async function digestOf(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256')
  for (let at = 0; at < bytes.length; at += slice) {
    if (at > 0) await turn()
    hash.update(bytes.subarray(at, at + slice))
  }
  return hash.digest('hex')
}

const slice = 2 ** 20

/** Digests become keys: nothing else may. */
function isDigest(digest: string): boolean {
  return /^[0-9a-f]{64}$/.test(digest)
}
