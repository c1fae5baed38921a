import { randomUUID } from 'node:crypto'
import { afterEach } from 'vitest'
import { connectCassandra } from '#infra/cassandra/connect.ts'
import { kafkaAdmin } from '#infra/kafka/open.ts'
import { topicSettings } from '#infra/kafka/topics.ts'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { openCluster, type OpenClusterOptions } from './cluster.ts'
import { topicsOptionsOf } from './cluster-options.ts'
import type { Config } from './config-keys.ts'
import { loadConfig } from './config.ts'
import type { Parts } from './parts.ts'

export interface TestCluster {
  readonly config: Config
  /** Everything a role stands on, connected once more. Closed after the test. */
  open(over?: Partial<Pick<OpenClusterOptions, 'clock' | 'metrics'>>): Promise<Parts>
}

/**
 * Gives each test topics, a keyspace and keys of its own on the real servers, and drops them afterwards. Undefined where a
 * server is missing, after saying why.
 */
export function testClusters(): ((flags?: Partial<Config>) => TestCluster) | undefined {
  const kafka = testServer('kafka')
  const cassandra = testServer('cassandra')
  const redis = testServer('redis')
  if (kafka === undefined || cassandra === undefined || redis === undefined) return undefined
  const closing: (() => Promise<void>)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close()
  })
  return (flags = {}) => {
    const name = `t${randomUUID().replaceAll('-', '').slice(0, 16)}`
    const config = loadConfig({
      env: {},
      flags: {
        preset: 'cluster',
        partitions: 8,
        topicPrefix: `${name}.`,
        kafkaBrokers: kafka.brokers.join(','),
        kafkaReplication: 1,
        kafkaMinInSync: 1,
        cassandraContactPoints: cassandra.contactPoints.join(','),
        cassandraDatacenter: cassandra.datacenter,
        cassandraKeyspace: name,
        cassandraReplication: '1',
        redisUrls: redis.url,
        redisPrefix: `${name}:`,
        ...flags,
      },
    })
    closing.push(() => dropEverything(config))
    return {
      config,
      async open(over = {}) {
        const parts = await openCluster(config, { name: 'test', metrics: noMetrics, report: () => {}, ...over })
        closing.push(() => parts.close())
        return parts
      },
    }
  }
}

async function dropEverything(config: Config): Promise<void> {
  const admin = kafkaAdmin({ brokers: config.kafkaBrokers.split(','), clientId: 'test' })
  await admin.deleteTopics(Object.values(topicSettings(topicsOptionsOf(config))).map(({ name }) => name))
  await admin.close()
  const session = await connectCassandra({
    contactPoints: config.cassandraContactPoints.split(','),
    datacenter: config.cassandraDatacenter,
    keyspace: config.cassandraKeyspace,
    replication: '1',
  })
  await session.client.execute(`DROP KEYSPACE ${config.cassandraKeyspace}`, [], { readTimeout: 60_000 })
  await session.close()
}
