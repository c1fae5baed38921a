import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { manualClock } from '#infra/memory/manual-clock.ts'
import { memoryMetrics } from '#infra/memory/metrics.ts'
import { memoryRateLimiter } from '#infra/memory/rate-limiter.ts'
import { canStart } from '#infra/servers/can-start.fixture.ts'
import { eventually } from '#infra/servers/eventually.fixture.ts'
import { startRedis, type RedisServer } from '#infra/servers/redis.ts'
import { temporaryFolder } from '#infra/servers/temporary-folder.fixture.ts'
import { isMillraceError } from '#schemas/errors.ts'
import { redisCache } from './cache.ts'
import { connectRedis, type RedisConnection, type RedisOptions } from './connect.ts'
import { redisRateLimiter } from './rate-limiter.ts'

describe.skipIf(!(await canStart('redis')))('While Redis does not answer', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let server: RedisServer
  beforeAll(async () => {
    folder = await temporaryFolder()
    server = await startRedis({ dir: folder.path })
  })
  afterAll(async () => {
    await server?.kill()
    await folder?.[Symbol.asyncDispose]()
  })

  async function connected(options: Partial<RedisOptions> = {}): Promise<RedisConnection> {
    const connection = await connectRedis({ urls: [server.url], mode: 'single', prefix: '', ...options })
    onTestFinished(() => connection.close())
    return connection
  }

  it('calls are given up one by one, then not begun for a while, and work again once it answers', async () => {
    const metrics = memoryMetrics()
    const connection = await connected({ patience: 2, metrics })
    await connection.get('key')
    process.kill(server.pid, 'SIGSTOP')
    try {
      expect([await outcome(connection), await outcome(connection), await outcome(connection)]).toEqual([
        'timeout',
        'timeout',
        'resting',
      ])
      expect(metrics.value('millrace_redis_failures_total', { reason: 'timeout' })).toBe(2)
      expect(metrics.value('millrace_redis_failures_total', { reason: 'resting' })).toBe(1)
    } finally {
      process.kill(server.pid, 'SIGCONT')
    }
    await eventually(async () => expect(await outcome(connection)).toBe('answered'))
  })

  it('no more calls are under way than are allowed to be', async () => {
    const connection = await connected({ maxInFlight: 3 })
    await connection.get('key')
    process.kill(server.pid, 'SIGSTOP')
    try {
      const outcomes = await Promise.all(Array.from({ length: 5 }, () => outcome(connection)))
      expect(outcomes.toSorted(byName)).toEqual(['full', 'full', 'timeout', 'timeout', 'timeout'])
    } finally {
      process.kill(server.pid, 'SIGCONT')
    }
    await eventually(async () => expect(await outcome(connection)).toBe('answered'))
  })

  it('an error that Redis answers is no reason to leave it alone', async () => {
    const connection = await connected({ patience: 1 })
    const cache = redisCache({ connection })
    await cache.setIfNewer('a text', Uint8Array.of(1), 1, 60_000)
    const script = { text: "return redis.call('HGET', KEYS[1], 'field')", sha1: '0'.repeat(40) }
    const wrong = connection.run(script, ['a text'], [])
    await expect(wrong).rejects.toMatchObject({ code: 'store-failed', facts: { reason: 'refused' } })
    expect(await outcome(connection)).toBe('answered')
  })

  it('a script is loaded again after Redis has forgotten it', async () => {
    const connection = await connected()
    const script = { text: "return redis.call('ECHO', ARGV[1])", sha1: '1'.repeat(40) }
    expect(await connection.run(script, ['key'], ['once'])).toBe('once')
    expect(await connection.run(script, ['key'], ['twice'])).toBe('twice')
  })

  it('killed and started again under load, every call settles, none wrongly', async () => {
    const connection = await connected({ restMs: 100 })
    const cache = redisCache({ connection })
    const local = memoryRateLimiter({ clock: manualClock() })
    const limiter = redisRateLimiter({ connection, local })
    const limit = { perSecond: 1e-6, burst: 50 }
    const tally = { answered: 0, failed: 0, allowed: 0, wrong: [] as unknown[] }
    const load = new AbortController()

    async function user(key: string): Promise<void> {
      for (let version = 1; !load.signal.aborted; version++) {
        try {
          await cache.setIfNewer(key, Buffer.from(`${key} ${version}`), version, 600_000)
          const entry = await cache.get(key)
          const isRight = entry === undefined || Buffer.from(entry.value).toString() === `${key} ${entry.version}`
          if (!isRight || (entry?.version ?? 0) > version) tally.wrong.push({ key, version, entry })
          if ((await limiter.take('all', limit)).allowed) tally.allowed++
          tally.answered++
        } catch (error) {
          tally.failed++
          if (!isMillraceError(error, 'store-failed') || !error.retriable) tally.wrong.push(error)
          await new Promise(setImmediate)
        }
      }
    }

    const users = Array.from({ length: 20 }, (_, i) => user(`user ${i}`))
    for (let round = 0; round < 3; round++) {
      const before = { ...tally }
      await expect.poll(() => tally.answered).toBeGreaterThan(before.answered + 200)
      await server.kill()
      await expect.poll(() => tally.failed).toBeGreaterThan(before.failed + 20)
      server = await startRedis({ dir: folder.path, port: server.port })
    }
    const before = tally.answered
    await expect.poll(() => tally.answered, { timeout: 10_000 }).toBeGreaterThan(before + 200)
    load.abort()
    await Promise.all(users)
    expect(tally.wrong).toEqual([])
    // A burst in Redis, and one here while it was down.
    expect(tally.allowed).toBeGreaterThanOrEqual(limit.burst)
    expect(tally.allowed).toBeLessThanOrEqual(2 * limit.burst)
  })

  it('a start does not wait for it for ever', async () => {
    await server.kill()
    const connection = await connected()
    expect(await outcome(connection)).toBe('unreachable')
    server = await startRedis({ dir: folder.path, port: server.port })
    await eventually(async () => expect(await outcome(connection)).toBe('answered'))
  })
})

function byName(a: unknown, b: unknown): number {
  return String(a).localeCompare(String(b))
}

async function outcome(connection: RedisConnection): Promise<unknown> {
  try {
    await connection.get('key')
    return 'answered'
  } catch (error) {
    return isMillraceError(error, 'store-failed') ? error.facts['reason'] : error
  }
}
