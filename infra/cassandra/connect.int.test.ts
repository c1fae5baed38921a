import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { freePort } from '#infra/servers/free-port.ts'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { connectCassandra } from './connect.ts'
import { temporaryKeyspace } from './keyspace.fixture.ts'
import { execute } from './statements.ts'

const server = testServer('cassandra')
const keyspace = () => `test_${randomBytes(6).toString('hex')}`

describe.skipIf(server === undefined)('Connecting to Cassandra', () => {
  it('makes the keyspace with the replication asked for, and leaves one that is there as it is', async () => {
    const space = await temporaryKeyspace(server!)
    const { keyspace } = space.cassandra
    const again = await connectCassandra({ ...server!, keyspace, replication: `${server!.datacenter}=3,elsewhere=2` })
    const query = 'SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?'
    const found: Readonly<Record<string, string>> = (await execute(again, query, [keyspace])).first()['replication']
    expect(found['class']).toMatch(/NetworkTopologyStrategy$/)
    expect(found[server!.datacenter]).toBe('1')
    expect(found['elsewhere']).toBeUndefined()
    await again.close()
    await space.dispose()
  })

  it('says that the datacenter is not there', async () => {
    const connecting = connectCassandra({ ...server!, datacenter: 'mars', keyspace: keyspace(), replication: '1' })
    await expect(connecting).rejects.toMatchObject({
      code: 'configuration-invalid',
      retriable: false,
      message: expect.stringContaining('mars'),
      facts: { datacenter: 'mars' },
    })
  })

  it('refuses replicas whose quorum the nodes cannot have, before anything is made', async () => {
    const name = keyspace()
    const connecting = connectCassandra({ ...server!, keyspace: name, replication: '3' })
    await expect(connecting).rejects.toMatchObject({ code: 'configuration-invalid', facts: { replicas: 3, nodes: 1 } })
    const space = await temporaryKeyspace(server!)
    const query = 'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?'
    expect((await execute(space.cassandra, query, [name])).rowLength).toBe(0)
    await space.dispose()
  })

  it.each(['Millrace', '1a', 'a-b', '', 'a'.repeat(49)])('refuses the keyspace name %j', async (name) => {
    const connecting = connectCassandra({ ...server!, keyspace: name, replication: '1' })
    await expect(connecting).rejects.toMatchObject({ code: 'configuration-invalid' })
  })

  it('may be tried again when no node answers', async () => {
    const contactPoints = [`127.0.0.1:${await freePort()}`]
    const connecting = connectCassandra({ ...server!, contactPoints, keyspace: keyspace(), replication: '1' })
    await expect(connecting).rejects.toMatchObject({ code: 'store-failed', retriable: true })
  })

  it('has its requests counted by a metric', async () => {
    const seen: number[] = []
    const space = await temporaryKeyspace(server!)
    const { keyspace } = space.cassandra
    const metrics = { count() {}, observe() {}, gauge: (_: string, value: number) => void seen.push(value) }
    const watched = await connectCassandra({ ...server!, keyspace, replication: '1', metrics, requestsPerNode: 2 })
    await watched.window.all(5, () => execute(watched, 'SELECT key FROM system.local'))
    expect(Math.max(...seen)).toBe(2)
    expect(seen.at(-1)).toBe(0)
    await watched.close()
    await space.dispose()
  })
})
