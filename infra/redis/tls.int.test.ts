import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canStart } from '#infra/servers/can-start.fixture.ts'
import { makeCertificates } from '#infra/servers/certificates.fixture.ts'
import { startRedis } from '#infra/servers/redis.ts'
import { temporaryFolder } from '#infra/servers/temporary-folder.fixture.ts'
import { redisCache } from './cache.ts'
import { connectRedis } from './connect.ts'

describe.skipIf(!(await canStart('redis')))('a Redis that wants TLS, a certificate and a login', () => {
  it('is spoken to with them, and only with them', async () => {
    await using folder = await temporaryFolder()
    const { server: files, client } = await makeCertificates(join(folder.path, 'certificates'))
    const server = await startRedis({
      dir: join(folder.path, 'redis'),
      tls: { ...files, askClients: true },
      password: 'secret',
    })
    const ca = await readFile(client.caFile, 'utf8')
    const cert = await readFile(client.certFile, 'utf8')
    const key = await readFile(client.keyFile, 'utf8')
    const options = { urls: [server.url], mode: 'single', prefix: 'tls:', timeoutMs: 10_000 } as const

    const connection = await connectRedis({ ...options, user: 'default', password: 'secret', tls: { ca, cert, key } })
    const cache = redisCache({ connection })
    expect(await cache.setIfNewer('user', Uint8Array.of(1), 1, 60_000)).toBe(true)
    expect(await cache.get('user')).toEqual({ value: Uint8Array.of(1), version: 1 })
    await connection.close()

    await expect(connectRedis({ ...options, password: 'wrong', tls: { ca, cert, key } })).rejects.toMatchObject({
      code: 'configuration-invalid',
    })
    await expect(connectRedis({ ...options, password: 'secret', tls: { cert, key } })).rejects.toMatchObject({
      code: 'configuration-invalid',
      message: expect.stringContaining('certificate'),
    })
    await expect(connectRedis({ ...options, password: 'secret', tls: { ca } })).rejects.toMatchObject({
      code: 'configuration-invalid',
    })
    await server.stop()
  })
})
