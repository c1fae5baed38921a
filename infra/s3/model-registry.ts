import { isDeepStrictEqual } from 'node:util'
import { GetObjectCommand, paginateListObjectsV2, PutObjectCommand } from '@aws-sdk/client-s3'
import { MillraceError } from '#schemas/errors.ts'
import { manifestFromJson, manifestToJson } from '#schemas/models/manifest-json.ts'
import type { ModelManifest, ModelRegistry } from '#schemas/ports/model-registry.ts'
import { atMost } from './at-most.ts'
import { s3Bucket, type S3Options } from './bucket.ts'
import { nameOf, s3Failure, statusOf } from './s3-failure.ts'

export interface S3ModelRegistryOptions extends S3Options {
  /** Manifests that one answer of the store lists. Default 1,000, the most that S3 does. */
  readonly pageSize?: number
}

export interface S3ModelRegistry extends ModelRegistry {
  close(): void
}

/**
 * Manifests as JSON objects `<prefix>models/<version>.json` of a bucket, never changed: each is written on condition
 * that there is none (`If-None-Match: *`). A store that passes over that condition still refuses a manifest that it
 * has, but of two different ones added in the same instant either may stay.
 */
export function s3ModelRegistry(options: S3ModelRegistryOptions): S3ModelRegistry {
  const { pageSize = 1_000 } = options
  const bucket = s3Bucket(options)
  const { client, name: Bucket } = bucket
  const folder = `${bucket.prefix}models/`
  const keyOf = (version: string): string => `${folder}${encodeURIComponent(version)}${suffix}`

  async function read(Key: string): Promise<ModelManifest | undefined> {
    if (Key.length > longestKey) return undefined
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
      return manifestFromJson(`${Key} of ${Bucket}`, (await Body?.transformToString()) ?? '')
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw s3Failure(Bucket, error)
    }
  }

  /** False when there is one already. */
  async function create(Key: string, manifest: ModelManifest): Promise<boolean> {
    const Body = manifestToJson(manifest)
    return bucket.writing(async () => {
      try {
        await client.send(new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: '*' }))
        return true
      } catch (error) {
        if (statusOf(error) === 412) return false
        throw error
      }
    })
  }

  return {
    async add(manifest) {
      const { version } = manifest
      const Key = keyOf(version)
      if (Key.length > longestKey) {
        throw new MillraceError('invalid-input', 'the version is too long for the key of an object')
      }
      const found = await read(Key)
      if (found === undefined && (await create(Key, manifest))) return
      const known = found ?? (await read(Key))
      const ours = manifestFromJson(Key, JSON.stringify(manifest))
      if (isDeepStrictEqual(known, ours)) return
      throw new MillraceError('conflict', `model ${version} is known with another manifest`, { facts: { version } })
    },
    get: (version) => read(keyOf(version)),
    async list() {
      const keys = await keysOf(folder)
      const manifests: ModelManifest[] = []
      await atMost(8, keys, async (key) => {
        const manifest = await read(key)
        if (manifest !== undefined) manifests.push(manifest)
      })
      return manifests.sort(newestFirst)
    },
    close: () => bucket.close(),
  }

  async function keysOf(Prefix: string): Promise<readonly string[]> {
    const keys: string[] = []
    const pages = paginateListObjectsV2({ client, pageSize }, { Bucket, Prefix, Delimiter: '/' })
    try {
      for await (const page of pages) {
        for (const { Key } of page.Contents ?? []) if (Key?.endsWith(suffix) === true) keys.push(Key)
      }
      return keys
    } catch (error) {
      if (nameOf(error) === 'NoSuchBucket') return []
      throw s3Failure(Bucket, error)
    }
  }
}

const suffix = '.json'
/** Of S3, in bytes; ours are ASCII. */
const longestKey = 1_024

function newestFirst(a: ModelManifest, b: ModelManifest): number {
  return b.createdAt - a.createdAt || (a.version < b.version ? 1 : -1)
}
