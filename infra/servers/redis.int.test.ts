import { afterAll, describe, expect, it } from 'vitest'
import { canStart } from './can-start.fixture.ts'
import { askRedis, startRedis } from './redis.ts'
import { startRedisCluster } from './redis-cluster.fixture.ts'
import { startRedisSentinel } from './redis-sentinel.fixture.ts'
import { eventually } from './eventually.fixture.ts'
import { temporaryFolder } from './temporary-folder.fixture.ts'

describe.skipIf(!(await canStart('redis')))('Redis on this machine', async () => {
  const folder = await temporaryFolder()
  const dir = folder.path
  afterAll(() => folder[Symbol.asyncDispose]())

  it('finds its data after kill -9 when it is started again on the same folder and port', async () => {
    await using first = await startRedis({ dir: `${dir}/single` })
    await askRedis(first, ['SET', 'name', 'value'])
    await first.kill()
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' })

    await using second = await startRedis({ dir: `${dir}/single`, port: first.port })
    expect(await askRedis(second, ['GET', 'name'])).toBe('value')
    await second.stop()
    expect((await second.exited).code).toBe(0)
  })

  it('stops when it is suspended', async () => {
    await using server = await startRedis({ dir: `${dir}/suspended` })
    process.kill(server.pid, 'SIGSTOP')
    await server.stop()
    expect((await server.exited).code).toBe(0)
  })

  it('asks for its password', async () => {
    const password = 'a "strange" one'
    await using server = await startRedis({ dir: `${dir}/password`, password })
    await expect(askRedis({ port: server.port }, ['PING'])).rejects.toThrow('NOAUTH')
    expect(await askRedis({ port: server.port, password }, ['PING'])).toBe('PONG')
  })

  it('says why it did not start', async () => {
    const start = startRedis({ dir: `${dir}/wrong`, settings: ['no-such-setting yes'] })
    await expect(start).rejects.toThrow(/redis ended with 1[^]*no-such-setting/)
  })

  it('elects another master when the first is killed', async () => {
    await using servers = await startRedisSentinel({ dir: `${dir}/sentinel`, password: 'secret' })
    expect(await servers.masterPort()).toBe(servers.master.port)
    await servers.master.kill()
    const port = await eventually(async () => {
      const now = await servers.masterPort()
      expect(now).toBe(servers.replicas[0]?.port)
      return now
    })
    expect(await eventually(() => askRedis({ port, password: 'secret' }, ['SET', 'k', 'v']))).toBe('OK')
  })

  it('forms a cluster of three masters', async () => {
    await using cluster = await startRedisCluster({ dir: `${dir}/cluster` })
    const outcomes = await Promise.all(
      cluster.masters.map(({ port }) => askRedis({ port }, ['SET', 'k', 'v']).catch(String)),
    )
    expect(outcomes.filter((outcome) => outcome === 'OK')).toHaveLength(1)
    expect(outcomes.filter((outcome) => String(outcome).includes('MOVED'))).toHaveLength(2)
  })
})
