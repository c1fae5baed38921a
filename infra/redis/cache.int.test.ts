import { describe, expect, it } from 'vitest'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { redisCache } from './cache.ts'
import { ownKeys } from './own-keys.fixture.ts'

const redis = testServer('redis')

describe.skipIf(redis === undefined)('on a Redis server', () => {
  const url = redis?.url ?? ''

  it('a cache holds any bytes and any version', async () => {
    const { connection } = await ownKeys([url])
    const cache = redisCache({ connection })
    const value = Uint8Array.from({ length: 1_000 }, (_, i) => i % 256)
    for (const version of [-1, 0, 255, 256, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER]) {
      expect(await cache.setIfNewer('key', value, version, 60_000)).toBe(true)
      expect(await cache.get('key')).toEqual({ value, version })
      expect(await cache.setIfNewer('key', Uint8Array.of(), version - 1, 60_000)).toBe(false)
    }
    expect(await cache.setIfNewer('empty', Uint8Array.of(), 1, 60_000)).toBe(true)
    expect(await cache.get('empty')).toEqual({ value: Uint8Array.of(), version: 1 })
  })

  it('an entry of the cache ends by itself', async () => {
    const { connection } = await ownKeys([url])
    const cache = redisCache({ connection })
    await cache.setIfNewer('key', Uint8Array.of(1), 1, 1)
    await expect.poll(() => cache.get('key')).toBeUndefined()
  })
})
