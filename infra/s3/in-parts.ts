import { setTimeout as pause } from 'node:timers/promises'
import { Readable } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3'
import { MillraceError } from '#schemas/errors.ts'
import { atMost } from './at-most.ts'
import type { Bucket } from './bucket.ts'
import { s3Failure } from './s3-failure.ts'

/** S3 takes 10,000 parts at most. */
export const mostParts = 10_000

/**
 * Writes an object in parts, some at once, all of it or nothing. What a process that dies leaves behind is not visible,
 * but it takes room until the bucket's rule about unfinished uploads removes it.
 */
export async function uploadInParts(
  bucket: Bucket,
  Key: string,
  bytes: Uint8Array,
  { partBytes, atOnce }: { readonly partBytes: number; readonly atOnce: number },
): Promise<void> {
  const { client, name: Bucket } = bucket
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))
  try {
    const parts: CompletedPart[] = []
    await atMost(atOnce, rangesOf(bytes.length, partBytes), async ({ index, from, to }) => {
      const PartNumber = index + 1
      const part = { Bucket, Key, UploadId, PartNumber, Body: bytes.subarray(from, to) }
      const { ETag } = await client.send(new UploadPartCommand(part))
      parts[index] = { PartNumber, ...(ETag !== undefined && { ETag }) }
    })
    await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts: parts } }))
  } catch (error) {
    // Whatever comes of it, the first error is the one to tell.
    await Promise.allSettled([client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))])
    throw error
  }
}

/** Reads an object of known size in parts, some at once; each goes on where its connection broke off. */
export async function downloadInParts(
  bucket: Bucket,
  Key: string,
  into: Uint8Array,
  { partBytes, atOnce }: { readonly partBytes: number; readonly atOnce: number },
): Promise<void> {
  await atMost(atOnce, rangesOf(into.length, partBytes), async ({ from, to }) => {
    let at = from
    for (let failures = 0; at < to;) {
      const before = at
      try {
        for await (const chunk of chunksOf(bucket, Key, at, to)) {
          if (at + chunk.length > to) throw new MillraceError('store-failed', `${Key} is longer than it said`)
          into.set(chunk, at)
          at += chunk.length
        }
        if (at === before) throw new MillraceError('store-failed', `${Key} is shorter than it said`)
      } catch (cause) {
        const error = s3Failure(bucket.name, cause)
        failures = at > before ? 1 : failures + 1
        if (!error.retriable || failures >= bucket.attempts) throw error
        await pause(50 * 2 ** failures)
      }
    }
  })
}

async function* chunksOf(bucket: Bucket, Key: string, from: number, to: number): AsyncIterable<Uint8Array> {
  const stalled = new AbortController()
  const watch = setTimeout(() => stalled.abort(), bucket.stallMs)
  try {
    const { Body, ContentRange } = await bucket.client.send(
      new GetObjectCommand({ Bucket: bucket.name, Key, Range: `bytes=${from}-${to - 1}` }),
      { abortSignal: stalled.signal },
    )
    if (!(Body instanceof Readable) || ContentRange?.startsWith(`bytes ${from}-`) !== true) {
      throw new MillraceError('store-failed', `${bucket.name} does not answer requests for a range of an object`)
    }
    for await (const chunk of Body) {
      watch.refresh()
      yield chunk as Uint8Array
    }
  } finally {
    clearTimeout(watch)
  }
}

interface Range {
  readonly index: number
  readonly from: number
  readonly to: number
}

function rangesOf(length: number, least: number): Range[] {
  const size = Math.max(least, Math.ceil(length / mostParts))
  return Array.from({ length: Math.ceil(length / size) }, (_, index) => ({
    index,
    from: index * size,
    to: Math.min(length, (index + 1) * size),
  }))
}
