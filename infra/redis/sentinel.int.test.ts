import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canStart } from '#infra/servers/can-start.fixture.ts'
import { eventually } from '#infra/servers/eventually.fixture.ts'
import { startRedisSentinel, type RedisSentinelServers } from '#infra/servers/redis-sentinel.fixture.ts'
import { temporaryFolder } from '#infra/servers/temporary-folder.fixture.ts'
import { redisCache } from './cache.ts'
import { connectRedis, type RedisOptions } from './connect.ts'
import { redisContracts } from './contracts.fixture.ts'
import { redisLease } from './lease.ts'
import { ownKeys } from './own-keys.fixture.ts'

describe.skipIf(!(await canStart('redis')))('under Redis Sentinel', () => {
  const password = 'secret'
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let servers: RedisSentinelServers
  beforeAll(async () => {
    folder = await temporaryFolder()
    servers = await startRedisSentinel({ dir: folder.path, password })
  })
  afterAll(async () => {
    await servers?.stop()
    await folder?.[Symbol.asyncDispose]()
  })

  function sentinels(): Pick<RedisOptions, 'mode' | 'urls' | 'sentinelName' | 'password'> {
    const urls = servers.sentinelPorts.map((port) => `redis://127.0.0.1:${port}`)
    return { mode: 'sentinel', urls, sentinelName: servers.masterName, password }
  }

  redisContracts('Redis under Sentinel', () =>
    ownKeys([`redis://:${password}@127.0.0.1:${servers.master.port}`], sentinels()),
  )

  it('calls work again after a failover, on the connection that was there before', async () => {
    const connection = await connectRedis({ ...sentinels(), prefix: 'failover:' })
    const cache = redisCache({ connection })
    const lease = redisLease({ connection })
    expect(await cache.setIfNewer('user', Uint8Array.of(1), 1, 600_000)).toBe(true)
    const before = await lease.acquire('train', 'a', 1)
    await servers.master.kill()
    await expect(cache.get('user')).rejects.toMatchObject({ code: 'store-failed', retriable: true })
    await eventually(async () => expect(await cache.setIfNewer('user', Uint8Array.of(2), 2, 600_000)).toBe(true))
    expect(await servers.masterPort()).toBe(servers.replicas[0]?.port)
    expect(await cache.get('user')).toEqual({ value: Uint8Array.of(2), version: 2 })
    const after = await eventually(async () => {
      const held = await lease.acquire('train', 'b', 60_000)
      expect(held).toBeDefined()
      return held
    })
    expect(after?.token).toBeGreaterThan(before?.token ?? Infinity)
    await connection.close()
  })
})
