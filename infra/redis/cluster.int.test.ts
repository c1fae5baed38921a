import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canStart } from '#infra/servers/can-start.fixture.ts'
import { startRedisCluster, type RedisClusterServers } from '#infra/servers/redis-cluster.fixture.ts'
import { temporaryFolder } from '#infra/servers/temporary-folder.fixture.ts'
import { redisCache } from './cache.ts'
import { redisContracts } from './contracts.fixture.ts'
import { ownKeys } from './own-keys.fixture.ts'

describe.skipIf(!(await canStart('redis')))('in a Redis Cluster of three masters', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let cluster: RedisClusterServers
  beforeAll(async () => {
    folder = await temporaryFolder()
    cluster = await startRedisCluster({ dir: folder.path })
  })
  afterAll(async () => {
    await cluster?.stop()
    await folder?.[Symbol.asyncDispose]()
  })

  // Known by one node: the others are found.
  const open = () => ownKeys(cluster.urls, { mode: 'cluster', urls: cluster.urls.slice(0, 1) })

  redisContracts('a Redis Cluster', open)

  it('a cache has its keys on all masters', async () => {
    const { connection } = await open()
    const cache = redisCache({ connection })
    const keys = Array.from({ length: 100 }, (_, i) => `user ${i} {of} braces`)
    await Promise.all(keys.map((key, i) => cache.setIfNewer(key, Uint8Array.of(i), i, 60_000)))
    const found = await Promise.all(keys.map((key) => cache.get(key)))
    expect(found.map((entry) => entry?.version)).toEqual(keys.map((_, i) => i))
  })
})
