import { randomUUID } from 'node:crypto'
import type { NetworkedEventLog } from '#schemas/ports/event-log-network.contract.ts'
import type { TopicName } from '#schemas/topics.ts'
import type { KafkaCompression, KafkaConnection, KafkaTopicSettings } from './client.ts'
import type { KafkaEventLogOptions } from './event-log.ts'
import type { KafkaClientName } from './open.ts'
import { topicNames } from '#schemas/topics.ts'
import { apiKeys, brokerProxy } from './broker-proxy.fixture.ts'
import { openKafkaEventLog } from './event-log.ts'
import { kafkajsProducer } from './kafkajs/producer.ts'
import { kafkaAdmin, kafkaReader } from './open.ts'
import { platformaticProducer } from './platformatic/producer.ts'
import { topicSettings } from './topics.ts'

export interface BrokerLogOptions {
  readonly brokers: readonly string[]
  readonly producer: KafkaClientName
  readonly consumer: KafkaClientName
  readonly compression?: KafkaCompression
  readonly partitions?: number
  readonly log?: Partial<KafkaEventLogOptions>
  /** Of topics that are there, and stay. Default: new ones, which go with the log. */
  readonly topicPrefix?: string
  /** Settings of the topics, beyond ours. */
  readonly configs?: Readonly<Record<string, string>>
}

export interface BrokerLog extends NetworkedEventLog {
  readonly topicPrefix: string
  /** Deletes a topic and makes it again, empty. */
  makeAnew(topic: TopicName): Promise<void>
}

export const testConnection = (brokers: readonly string[]): KafkaConnection => ({ brokers, clientId: 'millrace-test' })

/** A log on topics of its own, which go with it; its producers reach the broker through a proxy that can cut answers. */
export async function openBrokerLog(options: BrokerLogOptions): Promise<BrokerLog> {
  const { brokers, producer, consumer, compression = 'none', partitions = 3 } = options
  const connection = testConnection(brokers)
  const proxy = await brokerProxy(brokers[0] ?? '')
  const topicPrefix = options.topicPrefix ?? `test-${randomUUID()}-`
  const settings = testTopics(topicPrefix, partitions, options.configs)
  const admin = kafkaAdmin(connection)
  if (options.topicPrefix === undefined) await admin.createTopics(Object.values(settings))
  let now = 0
  const open = async () =>
    await openKafkaEventLog({
      topicPrefix,
      epoch: 1,
      partitions,
      clock: { now: () => now },
      createProducer: async () => await quickProducer(producer, testConnection([proxy.address]), compression),
      reader: kafkaReader(consumer, connection),
      admin: kafkaAdmin(connection),
      maxRecordBytes: 100_000,
      // Small, so that an append of some hundred records takes several sends.
      maxSendBytes: 20_000,
      maxBatchBytes: 10_000,
      ...options.log,
    })
  let log = await open()
  return {
    log,
    topicPrefix,
    maxRecordBytes: 100_000,
    setTime: (ms) => (now = ms),
    compacts: 'in-its-own-time',
    readsAhead: true,
    cutAnswers: (count) => proxy.cutAnswers(apiKeys.produce, count),
    async reopen() {
      await log.close()
      log = await open()
      return log
    },
    async makeAnew(topic) {
      await admin.deleteTopics([settings[topic].name])
      await admin.createTopics([settings[topic]])
    },
    async dispose() {
      await log.close()
      const made = options.topicPrefix === undefined ? Object.values(settings).map(({ name }) => name) : []
      if (made.length > 0) await admin.deleteTopics(made)
      await admin.close()
    },
  }
}

/** The broker must not remove what the clock of a test says is old: that is `retain`'s work here. */
function testTopics(
  topicPrefix: string,
  partitions: number,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<TopicName, KafkaTopicSettings>> {
  const settings = { ...topicSettings({ topicPrefix, partitions, replication: 1, minInSync: 1 }) }
  for (const topic of topicNames) {
    const { configs, ...rest } = settings[topic]
    settings[topic] = { ...rest, configs: { ...configs, 'retention.ms': '-1', ...more } }
  }
  return settings
}

/** Gives up soon, so that a test sees retries spent; not so soon that a busy machine spends them. */
async function quickProducer(client: KafkaClientName, connection: KafkaConnection, compression: KafkaCompression) {
  switch (client) {
    case 'platformatic':
      return await platformaticProducer({ connection, compression, deliveryMs: 4_000, retryMs: 20 })
    case 'kafkajs':
      return await kafkajsProducer(connection, { compression, retries: 4 })
  }
}
