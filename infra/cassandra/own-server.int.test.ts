import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canStart } from '#infra/servers/can-start.fixture.ts'
import { startCassandra, type CassandraServer } from '#infra/servers/cassandra.ts'
import { makeCertificates } from '#infra/servers/certificates.fixture.ts'
import { eventually } from '#infra/servers/eventually.fixture.ts'
import { temporaryFolder } from '#infra/servers/temporary-folder.fixture.ts'
import { stateStoreContract } from '#schemas/ports/state-store.contract.ts'
import { connectCassandra, type Cassandra, type CassandraOptions } from './connect.ts'
import { openGeneration, type Generation } from './generations.ts'
import { emptyGeneration } from './keyspace.fixture.ts'
import { migrate } from './migrate.ts'
import { cassandraStateStore } from './state-store.ts'
import { execute } from './statements.ts'

const login = { username: 'millrace', password: 'Secret1' }

describe.skipIf(!(await canStart('cassandra')))('A Cassandra of its own', async () => {
  const folder = await temporaryFolder()
  const certificates = await makeCertificates(join(folder.path, 'certificates'))
  let server: CassandraServer
  let options: CassandraOptions
  let cassandra: Cassandra
  let generation: Generation

  async function start(settings: readonly string[] = []): Promise<CassandraServer> {
    const same = server === undefined ? {} : { port: server.port, storagePort: server.storagePort }
    return startCassandra({
      dir: join(folder.path, 'server'),
      heapMb: 512,
      tls: certificates.server,
      login,
      settings,
      ...same,
    })
  }

  beforeAll(async () => {
    server = await start()
    options = {
      ...server,
      keyspace: 'encrypted',
      replication: '1',
      user: login.username,
      password: login.password,
      tls: { ca: await readFile(certificates.client.caFile, 'utf8') },
    }
    cassandra = await connectCassandra(options)
    await migrate(cassandra)
    generation = await openGeneration(cassandra, 'rows')
  })
  afterAll(async () => {
    await cassandra?.close()
    await server?.stop()
    await folder[Symbol.asyncDispose]()
  })

  stateStoreContract('cassandra behind TLS and a login', async () => {
    const store = cassandraStateStore({ cassandra, generation })
    return {
      store,
      scanOrder: 'any',
      async dispose() {
        await store.close()
        await emptyGeneration(cassandra, generation)
      },
    }
  })

  it.each([
    ['a wrong password', { password: 'Secret2' }],
    ['no login', { user: '' }],
    ['an authority that did not sign the certificate', { tls: {} }],
  ])('is not opened with %s', async (_, wrong) => {
    await expect(connectCassandra({ ...options, ...wrong })).rejects.toMatchObject({
      code: 'configuration-invalid',
      retriable: false,
    })
  })

  const row = { table: 'user-heads', key: 'ann', part: 0, epoch: 1, offset: 1, bytes: Buffer.from('row') } as const

  it('fails retriably while it is down, and is used again when it is back, without a new connection', async () => {
    const store = cassandraStateStore({ cassandra, generation })
    await store.write([row])
    await server.kill()
    for (const call of [() => store.write([row]), () => store.read([row]), () => store.checkpoint('fold', 0)]) {
      await expect(call()).rejects.toMatchObject({ code: 'store-failed', retriable: true })
    }
    server = await start()
    await eventually(async () => expect(await store.read([row])).toEqual([row.bytes]))
    await store.write([row])
  })

  it('says that the store is full when its guardrail of disk usage refuses a write', async () => {
    await server.stop()
    const percentages = ['warn_threshold: 1', 'fail_threshold: 2'].map((of) => `data_disk_usage_percentage_${of}`)
    server = await start(['data_disk_usage_max_disk_size: 1MiB', ...percentages])
    // Guardrails are not for superusers.
    const create = "CREATE ROLE IF NOT EXISTS writer WITH PASSWORD = 'Secret3' AND LOGIN = true"
    await eventually(() => execute(cassandra, create))
    await execute(cassandra, `GRANT ALL ON KEYSPACE ${cassandra.keyspace} TO writer`)
    const session = await eventually(() => connectCassandra({ ...options, user: 'writer', password: 'Secret3' }))
    const store = cassandraStateStore({ cassandra: session, generation })
    await store.read([row])
    await eventually(async () =>
      expect(store.write([row, { ...row, key: 'bob' }])).rejects.toMatchObject({ code: 'store-full', retriable: true }),
    )
    await store.read([row])
    await session.close()
  })
})
