import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectCassandra, type Cassandra } from '#infra/cassandra/connect.ts'
import { openGeneration, type Generation } from '#infra/cassandra/generations.ts'
import { migrate } from '#infra/cassandra/migrate.ts'
import { rowTables } from '#infra/cassandra/row-tables.ts'
import { cassandraStateStore } from '#infra/cassandra/state-store.ts'
import { execute } from '#infra/cassandra/statements.ts'
import type { KafkaConnection, KafkaSasl } from '#infra/kafka/client.ts'
import { kafkaAdmin, kafkaClients, kafkaProducer, kafkaReader, openKafka } from '#infra/kafka/open.ts'
import { topicSettings } from '#infra/kafka/topics.ts'
import { connectRedis } from '#infra/redis/connect.ts'
import { redisContracts } from '#infra/redis/contracts.fixture.ts'
import { ownKeys } from '#infra/redis/own-keys.fixture.ts'
import { eventLogContract } from '#schemas/ports/event-log.contract.ts'
import { stateStoreContract } from '#schemas/ports/state-store.contract.ts'
import { canStart } from './can-start.fixture.ts'
import { type CassandraServer, startCassandra } from './cassandra.ts'
import { makeCertificates } from './certificates.fixture.ts'
import { eventually } from './eventually.fixture.ts'
import { type KafkaServer, startKafka } from './kafka.ts'
import { type RedisServer, startRedis } from './redis.ts'
import { temporaryFolder } from './temporary-folder.fixture.ts'

const canRun = (await Promise.all([canStart('kafka'), canStart('cassandra'), canStart('redis')])).every(Boolean)
const login = { username: 'millrace', password: 'Secret1' }
const partitions = 3

describe.skipIf(!canRun)('Encrypted, with logins', async () => {
  const folder = await temporaryFolder()
  const { server: tls, client } = await makeCertificates(join(folder.path, 'certificates'))
  const strangers = await makeCertificates(join(folder.path, 'strangers'))
  const [ca, cert, key, strangeCa] = await Promise.all(
    [client.caFile, client.certFile, client.keyFile, strangers.client.caFile].map((file) => readFile(file, 'utf8')),
  )
  const ours = { ca: ca!, cert: cert!, key: key! }
  const mistrustful = { ...ours, ca: strangeCa! }
  let kafka: KafkaServer
  let cassandra: CassandraServer
  let redis: RedisServer

  beforeAll(async () => {
    const secured = { tls: { ...tls, askClients: true }, login }
    ;[kafka, cassandra, redis] = await Promise.all([
      startKafka({ dir: join(folder.path, 'kafka'), ...secured }),
      startCassandra({ dir: join(folder.path, 'cassandra'), heapMb: 512, ...secured }),
      startRedis({ dir: join(folder.path, 'redis'), tls: secured.tls, password: login.password }),
    ])
  })
  afterAll(async () => {
    await Promise.all([kafka, cassandra, redis].map((server) => server?.kill()))
    await folder[Symbol.asyncDispose]()
  })

  function connection(settings: Partial<KafkaConnection> = {}): KafkaConnection {
    const sasl: KafkaSasl = { mechanism: 'scram-sha-512', ...login }
    return { brokers: kafka.brokers, clientId: 'encrypted', tls: ours, sasl, ...settings }
  }

  describe.each([
    { name: 'platformatic', mechanism: 'scram-sha-512' },
    { name: 'kafkajs', mechanism: 'plain' },
    { name: 'kafkajs', mechanism: 'scram-sha-512' },
  ] as const)('Kafka by $name, $mechanism', ({ name, mechanism }) => {
    eventLogContract(`${name} with TLS and ${mechanism}`, async () => {
      const topicPrefix = `test-${randomUUID()}-`
      const secured = connection({ sasl: { mechanism, ...login } })
      const admin = kafkaAdmin(secured)
      const topics = Object.values(topicSettings({ topicPrefix, partitions, replication: 1, minInSync: 1 }))
      // The broker must not remove what the clock of a test says is old.
      await admin.createTopics(topics.map((each) => ({ ...each, configs: { ...each.configs, 'retention.ms': '-1' } })))
      let now = 0
      const open = () =>
        openKafka({
          connection: secured,
          producer: name,
          consumer: name,
          compression: 'none',
          topicPrefix,
          epoch: 1,
          partitions,
          clock: { now: () => now },
          maxRecordBytes: 100_000,
        })
      let log = await open()
      return {
        log,
        maxRecordBytes: 100_000,
        setTime: (ms) => (now = ms),
        compacts: 'in-its-own-time',
        readsAhead: true,
        async reopen() {
          await log.close()
          log = await open()
          return log
        },
        async dispose() {
          await log.close()
          await admin.deleteTopics(topics.map((each) => each.name))
          await admin.close()
        },
      }
    })
  })

  describe.each(kafkaClients)('Kafka by %s', (name) => {
    const send = async (settings: Partial<KafkaConnection>) => {
      const producer = await kafkaProducer(name, connection(settings), 'none')
      try {
        await producer.send([
          { topic: 'any', partition: 0, records: [{ key: '', value: Buffer.from('x'), timestamp: 0 }] },
        ])
      } finally {
        await producer.close()
      }
    }
    const read = async (settings: Partial<KafkaConnection>) => {
      const reader = kafkaReader(name, connection(settings))
      try {
        const { signal } = new AbortController()
        for await (const fetched of reader.follow('any', 0, 0, { maxRecords: 1, signal })) return fetched
        return undefined
      } finally {
        await reader.close()
      }
    }

    it.each(['plain', 'scram-sha-512'] as const)('refuses a wrong password by %s', async (mechanism) => {
      const sasl: KafkaSasl = { mechanism, ...login, password: 'Secret2' }
      for (const attempt of [send, read]) {
        await expect(attempt({ sasl })).rejects.toMatchObject({ code: 'unauthorized', retriable: false })
      }
    })

    it('refuses a server of another authority', async () => {
      for (const attempt of [send, read]) {
        await expect(attempt({ tls: mistrustful })).rejects.toMatchObject({
          code: 'configuration-invalid',
          message: expect.stringContaining('certificate'),
        })
      }
    })
  })

  describe('Cassandra', () => {
    const settings = () => ({
      contactPoints: cassandra.contactPoints,
      datacenter: cassandra.datacenter,
      keyspace: 'encrypted',
      replication: '1',
      user: login.username,
      password: login.password,
      tls: ours,
    })
    let session: Cassandra
    let generation: Generation
    beforeAll(async () => {
      // Its first answers may take it longer than the driver waits.
      session = await eventually(() => connectCassandra(settings()))
      await migrate(session)
      generation = await openGeneration(session, 'contract')
    })
    afterAll(() => session?.close())

    stateStoreContract('Cassandra with TLS and a login', async () => {
      let store = cassandraStateStore({ cassandra: session, generation })
      const others: Cassandra[] = []
      return {
        store,
        scanOrder: 'any',
        async reopen() {
          await store.close()
          const other = await connectCassandra(settings())
          others.push(other)
          store = cassandraStateStore({ cassandra: other, generation })
          return store
        },
        async dispose() {
          await store.close()
          for (const table of rowTables(session.keyspace, generation.id)) await execute(session, `TRUNCATE ${table}`)
          await Promise.all(others.map((other) => other.close()))
        },
      }
    })

    it('refuses a wrong password', async () => {
      await expect(connectCassandra({ ...settings(), password: 'Secret2' })).rejects.toMatchObject({
        code: 'configuration-invalid',
        message: expect.stringMatching(/password|login/i),
      })
    })

    it('is refused when it is of another authority', async () => {
      await expect(connectCassandra({ ...settings(), tls: mistrustful })).rejects.toMatchObject({
        code: 'configuration-invalid',
        message: expect.stringContaining('certificate'),
      })
    })
  })

  describe('Redis', () => {
    const settings = { password: login.password, tls: ours }
    redisContracts('Redis with TLS and a password', () => ownKeys([redis.url], settings))

    it('refuses a wrong password', async () => {
      const options = { urls: [redis.url], mode: 'single', prefix: '', ...settings, password: 'Secret2' } as const
      await expect(connectRedis(options)).rejects.toMatchObject({
        code: 'configuration-invalid',
        message: 'Redis refuses the login',
      })
    })

    it('is refused when it is of another authority', async () => {
      const options = { urls: [redis.url], mode: 'single', prefix: '', ...settings, tls: mistrustful } as const
      await expect(connectRedis(options)).rejects.toMatchObject({
        code: 'configuration-invalid',
        message: expect.stringContaining('certificate'),
      })
    })
  })
})
