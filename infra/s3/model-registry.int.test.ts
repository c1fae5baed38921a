import { PutObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ModelManifest } from '#schemas/ports/model-registry.ts'
import { modelRegistryContract } from '#schemas/ports/model-registry.contract.ts'
import { testServer } from '../servers/test-servers.fixture.ts'
import { cuttingProxy } from './cutting-proxy.fixture.ts'
import { s3ModelRegistry, type S3ModelRegistry, type S3ModelRegistryOptions } from './model-registry.ts'
import { testBucket, type TestBucket } from './test-bucket.fixture.ts'

const s3 = testServer('s3')

const manifest: ModelManifest = {
  version: 'v1',
  createdAt: 1,
  settings: {},
  metrics: {},
  blob: 'a',
  lists: 'b',
  positions: [],
  users: 1,
  items: 2,
  interactions: 3,
  seconds: 4,
}

describe.skipIf(s3 === undefined)('S3', () => {
  modelRegistryContract('S3', async () => registryIn(ownBucket()))

  it('names the object that does not hold a manifest', async () => {
    const bucket = ownBucket()
    const registry = registryIn(bucket)
    await registry.add(manifest)
    const Key = 'here/models/v1.json'
    await bucket.client.send(new PutObjectCommand({ Bucket: bucket.name, Key, Body: '{"version":"v1"}' }))
    await expect(registry.get('v1')).rejects.toMatchObject({
      code: 'store-failed',
      facts: { path: `${Key} of ${bucket.name}` },
    })
  })

  it('lists more models than one answer holds', async () => {
    const registry = registryIn(ownBucket(), { pageSize: 3 })
    const versions = [0, 1, 2, 3, 4, 5, 6]
    await Promise.all(versions.map((n) => registry.add({ ...manifest, version: `v${n}`, createdAt: n })))
    expect((await registry.list()).map(({ createdAt }) => createdAt)).toEqual(versions.toReversed())
  })

  it('writes on condition that there is nothing, and takes its own write for its own when the answer was lost', async () => {
    const bucket = ownBucket()
    await registryIn(bucket).add({ ...manifest, version: 'v0' })
    const proxy = await cuttingProxy(bucket.options.endpoint ?? '')
    onTestFinished(() => proxy.close())
    const registry = registryIn(bucket, { endpoint: proxy.url })
    proxy.plan([{ direction: 'down', bytes: 1, after: 'if-none-match' }])
    await registry.add(manifest)
    expect(proxy.done()).toBe(1)
    expect(await registry.list()).toHaveLength(2)
  })

  it('answers undefined and nothing from a bucket that is not there', async () => {
    const registry = registryIn(ownBucket())
    expect(await registry.get('v1')).toBeUndefined()
    expect(await registry.list()).toEqual([])
  })

  it('says that the configuration is wrong when the bucket has an impossible name', async () => {
    const registry = registryIn(ownBucket(), { bucket: 'x' })
    await expect(registry.add(manifest)).rejects.toMatchObject({ code: 'configuration-invalid' })
  })
})

function ownBucket(): TestBucket {
  if (s3 === undefined) throw new Error('no S3')
  return testBucket(s3)
}

function registryIn(bucket: TestBucket, options: Partial<S3ModelRegistryOptions> = {}): S3ModelRegistry {
  const registry = s3ModelRegistry({ ...bucket.options, ...options })
  onTestFinished(() => registry.close())
  return registry
}
