import { describe, expect, it } from 'vitest'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { redisLease } from './lease.ts'
import { ownKeys } from './own-keys.fixture.ts'

const redis = testServer('redis')

describe.skipIf(redis === undefined)('on a Redis server', () => {
  const url = redis?.url ?? ''

  it('tokens of a lease grow even if Redis forgets them', async () => {
    const { connection, now } = await ownKeys([url])
    const lease = redisLease({ connection })
    const first = await lease.acquire('train', 'a', 60_000)
    await connection.delete('{lease:train}')
    await connection.delete('{lease:train}:token')
    const before = await now()
    await expect.poll(now).toBeGreaterThan(before + 1)
    const second = await lease.acquire('train', 'b', 60_000)
    expect(second?.token).toBeGreaterThan(first?.token ?? Infinity)
    expect(await first?.renew()).toBe(false)
  })
})
