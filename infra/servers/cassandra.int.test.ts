import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { startCassandra } from './cassandra.ts'
import { makeCertificates } from './certificates.fixture.ts'
import { runCql } from './cql.ts'
import { eventually } from './eventually.fixture.ts'
import { readClientTls } from './server-tls.ts'
import { canStart } from './can-start.fixture.ts'
import { temporaryFolder } from './temporary-folder.fixture.ts'

describe.skipIf(!(await canStart('cassandra')))('Cassandra on this machine', async () => {
  const folder = await temporaryFolder()
  afterAll(() => folder[Symbol.asyncDispose]())

  it('has every acknowledged write after kill -9 when it is started again on the same folder and ports', async () => {
    const dir = join(folder.path, 'plain')
    await using first = await startCassandra({ dir })
    await runCql(first, [
      `CREATE KEYSPACE kept WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
      'CREATE TABLE kept.texts (key int PRIMARY KEY, value text)',
    ])
    const keys = Array.from({ length: 200 }, (_, key) => key)
    await runCql(
      first,
      keys.map((key) => `INSERT INTO kept.texts (key, value) VALUES (${key}, 'value-${key};')`),
    )
    await first.kill()

    const { port, storagePort } = first
    await using second = await startCassandra({ dir, port, storagePort })
    const [rows] = await runCql(second, ['SELECT value FROM kept.texts'])
    expect(keys.filter((key) => !rows?.includes(`value-${key};`))).toEqual([])
    await second.stop()
  })

  it('refuses the well-known user, another password, another authority, and who speaks no TLS', async () => {
    const { server: tls } = await makeCertificates(join(folder.path, 'certificates'))
    const strangers = await makeCertificates(join(folder.path, 'strangers'))
    const login = { username: 'millrace', password: 'Secret1' }
    await using server = await startCassandra({ dir: join(folder.path, 'encrypted'), tls, login })
    const { port } = server

    const client = await readClientTls(tls)
    const query = ['SELECT key FROM system.local']
    expect(await runCql({ port, tls: client, login }, query)).toHaveLength(1)
    const wrong = { ...login, password: 'Secret2' }
    await expect(runCql({ port, tls: client, login: wrong }, query)).rejects.toThrow(/incorrect/)
    const wellKnown = { username: 'cassandra', password: 'cassandra' }
    // Cassandra remembers for two seconds what a role may do.
    await eventually(() =>
      expect(runCql({ port, tls: client, login: wellKnown }, query)).rejects.toThrow(/not permitted to log in/),
    )
    const mistrustful = await readClientTls(strangers.server)
    await expect(runCql({ port, tls: mistrustful, login }, query)).rejects.toThrow(/certificate/)
    await expect(runCql({ port, login }, query)).rejects.toThrow(/closed|ECONNRESET/)
  })
})
