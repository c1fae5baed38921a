import { readFile } from 'node:fs/promises'
import { ListMultipartUploadsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { blobStoreContract } from '#schemas/ports/blob-store.contract.ts'
import { makeCertificates } from '../servers/certificates.fixture.ts'
import { temporaryFolder } from '../servers/temporary-folder.fixture.ts'
import { testServer } from '../servers/test-servers.fixture.ts'
import { s3BlobStore, type S3BlobStore, type S3BlobStoreOptions } from './blob-store.ts'
import { cuttingProxy, type CuttingProxy } from './cutting-proxy.fixture.ts'
import { testBucket, type TestBucket } from './test-bucket.fixture.ts'

const s3 = testServer('s3')

const certificates = s3 === undefined ? undefined : await certificatesOfTest()
const behindTls = s3 === undefined ? undefined : await cuttingProxy(s3.endpoint, certificates)
afterAll(() => behindTls?.close())

describe.skipIf(s3 === undefined)('S3', () => {
  blobStoreContract('S3', async () => {
    const bucket = ownBucket()
    return {
      blobs: storeIn(bucket),
      corrupt: (digest) => overwrite(bucket, digest, Uint8Array.of(1, 2)),
      reopen: async () => storeIn(bucket),
    }
  })

  blobStoreContract('S3, read in parts of 5 KiB', async () => {
    const bucket = ownBucket()
    // A store takes no parts so small, but gives them.
    const blobs = storeIn(bucket)
    const inParts = storeIn(bucket, { partBytes: 5 * 2 ** 10 })
    return {
      blobs: { ...blobs, get: (digest) => inParts.get(digest) },
      corrupt: (digest) => overwrite(bucket, digest, Uint8Array.of(1, 2)),
      reopen: async () => inParts,
    }
  })
})

describe.skipIf(s3 === undefined)('S3 over TLS', () => {
  blobStoreContract('S3 over TLS', async () => {
    const bucket = ownBucket()
    const open = () => storeIn(bucket, overTls())
    return {
      blobs: open(),
      corrupt: (digest) => overwrite(bucket, digest, Uint8Array.of(1, 2)),
      reopen: async () => open(),
    }
  })

  it('is not used when an unknown authority signed its certificate', async () => {
    const store = storeIn(ownBucket(), { endpoint: overTls().endpoint, attempts: 1 })
    await expect(store.put(Uint8Array.of(1))).rejects.toMatchObject({ code: 'store-failed' })
  })
})

describe.skipIf(s3 === undefined)('The bucket of blobs', () => {
  it('is made at the first put, by several at once, and holds blobs below the prefix', async () => {
    const bucket = ownBucket()
    const stores = [storeIn(bucket), storeIn(bucket), storeIn(bucket)]
    expect(await stores[0]?.get('0'.repeat(64))).toBeUndefined()
    const digests = await Promise.all(stores.map((store, n) => store.put(Uint8Array.of(n))))
    expect(await bucket.keys()).toEqual(digests.map((digest) => `here/blobs/${digest}`).sort())
  })

  it('is not made where that is not wanted: the configuration is said to be wrong', async () => {
    const store = storeIn(ownBucket(), { createBucket: false })
    await expect(store.put(Uint8Array.of(1))).rejects.toMatchObject({ code: 'configuration-invalid', retriable: false })
  })

  it('takes a large blob in parts and gives it back, bit by bit', async () => {
    const bucket = ownBucket()
    const store = storeIn(bucket)
    const bytes = largeBytes()
    const digest = await store.put(bytes)
    const read = await storeIn(bucket).get(digest)
    expect(read?.length).toBe(bytes.length)
    expect(Buffer.compare(read ?? new Uint8Array(), bytes)).toBe(0)
  })

  it('finds out that a byte of a large blob was changed', async () => {
    const bucket = ownBucket()
    const store = storeIn(bucket)
    const bytes = largeBytes()
    const digest = await store.put(bytes)
    bytes[12_345_678] = (bytes[12_345_678] ?? 0) ^ 1
    await overwrite(bucket, digest, bytes)
    await expect(store.get(digest)).rejects.toMatchObject({ code: 'store-failed', retriable: false })
  })
})

describe.skipIf(s3 === undefined)('A connection to S3', () => {
  it('that breaks in the middle of a get is taken up where it broke', async () => {
    const bucket = ownBucket()
    const bytes = largeBytes()
    const digest = await storeIn(bucket).put(bytes)
    const { proxy, store } = await throughProxy(bucket)
    proxy.plan([3, 1, 2].map((mib) => ({ direction: 'down', bytes: mib * 2 ** 20 })))
    const read = await store.get(digest)
    expect(Buffer.compare(read ?? new Uint8Array(), bytes)).toBe(0)
    expect(proxy.done()).toBe(3)
  })

  it('that breaks in the middle of a put is made again, and the blob is whole', async () => {
    const bucket = ownBucket()
    const { proxy, store } = await throughProxy(bucket)
    const bytes = largeBytes()
    proxy.plan([4, 2, 6].map((mib) => ({ direction: 'up', bytes: mib * 2 ** 20 })))
    const digest = await store.put(bytes)
    expect(proxy.done()).toBe(3)
    expect(Buffer.compare((await storeIn(bucket).get(digest)) ?? new Uint8Array(), bytes)).toBe(0)
  })

  it('that always breaks fails the put, to be tried again, and leaves nothing behind', async () => {
    const bucket = ownBucket()
    await storeIn(bucket).put(Uint8Array.of(1))
    const { proxy, store } = await throughProxy(bucket)
    const bytes = largeBytes()
    proxy.plan(Array.from({ length: 1_000 }, () => ({ direction: 'up', bytes: 2 * 2 ** 20 })))
    await expect(store.put(bytes)).rejects.toMatchObject({ code: 'store-failed', retriable: true })
    expect(await bucket.keys()).toHaveLength(1)
    const uploads = await bucket.client.send(new ListMultipartUploadsCommand({ Bucket: bucket.name }))
    expect(uploads.Uploads ?? []).toEqual([])
    proxy.plan([])
    expect(await storeIn(bucket).get(await store.put(bytes))).toHaveLength(bytes.length)
  })

  it('that always breaks fails the get, to be tried again', async () => {
    const bucket = ownBucket()
    const digest = await storeIn(bucket).put(largeBytes())
    const { proxy, store } = await throughProxy(bucket)
    proxy.plan(Array.from({ length: 1_000 }, () => ({ direction: 'down', bytes: 1 })))
    await expect(store.get(digest)).rejects.toMatchObject({ code: 'store-failed', retriable: true })
  })

  it('that falls silent is given up, and the get goes on by another where it had come to', async () => {
    const bucket = ownBucket()
    const bytes = largeBytes()
    const digest = await storeIn(bucket).put(bytes)
    const { proxy, store } = await throughProxy(bucket, { stallMs: 200 })
    proxy.plan([3, 1, 2].map((mib) => ({ direction: 'down', bytes: mib * 2 ** 20, how: 'silence' })))
    expect(Buffer.compare((await store.get(digest)) ?? new Uint8Array(), bytes)).toBe(0)
    expect(proxy.done()).toBe(3)
    proxy.plan(Array.from({ length: 1_000 }, () => ({ direction: 'down', bytes: 1, how: 'silence' })))
    await expect(store.get(digest)).rejects.toMatchObject({ code: 'store-failed', retriable: true })
  })
})

function overTls(): { endpoint: string; tls: { ca: string } } {
  return { endpoint: behindTls?.url ?? '', tls: { ca: certificates?.ca ?? '' } }
}

async function certificatesOfTest(): Promise<{ ca: string; key: string; cert: string }> {
  await using folder = await temporaryFolder()
  const { server } = await makeCertificates(folder.path)
  const [ca, key, cert] = await Promise.all(
    [server.caFile, server.keyFile, server.certFile].map((file) => readFile(file, 'utf8')),
  )
  return { ca: ca ?? '', key: key ?? '', cert: cert ?? '' }
}

function ownBucket(): TestBucket {
  if (s3 === undefined) throw new Error('no S3')
  return testBucket(s3)
}

function storeIn(bucket: TestBucket, options: Partial<S3BlobStoreOptions> = {}): S3BlobStore {
  const store = s3BlobStore({ ...bucket.options, ...options })
  onTestFinished(() => store.close())
  return store
}

async function throughProxy(
  bucket: TestBucket,
  options: Partial<S3BlobStoreOptions> = {},
): Promise<{ proxy: CuttingProxy; store: S3BlobStore }> {
  const proxy = await cuttingProxy(bucket.options.endpoint ?? '')
  onTestFinished(() => proxy.close())
  return { proxy, store: storeIn(bucket, { endpoint: proxy.url, attempts: 3, ...options }) }
}

async function overwrite(bucket: TestBucket, digest: string, Body: Uint8Array): Promise<void> {
  await bucket.client.send(new PutObjectCommand({ Bucket: bucket.name, Key: `here/blobs/${digest}`, Body }))
}

/** Three parts, the last one short; no two runs of 4 bytes near each other are the same. */
function largeBytes(): Uint8Array {
  const words = new Uint32Array(5 * 2 ** 20 + 3)
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 0x9e3779b1)
  return new Uint8Array(words.buffer)
}
