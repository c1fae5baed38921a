import type { Clock } from '#schemas/ports/clock.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import type { TopicName } from '#schemas/topics.ts'
import type { KafkaAdmin, KafkaCompression, KafkaConnection, KafkaProducer, KafkaReader } from './client.ts'
import type { KafkaEventLog } from './event-log.ts'
import { openKafkaEventLog } from './event-log.ts'
import { kafkajsProducer } from './kafkajs/producer.ts'
import { kafkajsReader } from './kafkajs/reader.ts'
import { platformaticAdmin } from './platformatic/admin.ts'
import { platformaticProducer } from './platformatic/producer.ts'
import { platformaticReader } from './platformatic/reader.ts'

/** The client libraries, by the names that settings call them. */
export const kafkaClients = ['platformatic', 'kafkajs'] as const
export type KafkaClientName = (typeof kafkaClients)[number]

export interface KafkaOptions {
  readonly connection: KafkaConnection
  readonly producer: KafkaClientName
  readonly consumer: KafkaClientName
  readonly compression: KafkaCompression
  readonly topicPrefix: string
  readonly epoch: number
  readonly clock: Pick<Clock, 'now'>
  /** Partitions that every source topic must have. Default: as many as `interactions` has. */
  readonly partitions?: number
  /** Ids that topics had before: one that has another by now is not opened. */
  readonly topicIds?: Readonly<Partial<Record<TopicName, string>>>
  /** Bytes that key and value of one record may have together. */
  readonly maxRecordBytes?: number
  readonly metrics?: Metrics
}

/** Opens the log on Kafka by the clients named. Throws as `openKafkaEventLog`; the topics must be there. */
export async function openKafka(options: KafkaOptions): Promise<KafkaEventLog> {
  const { connection, producer, consumer, compression, metrics, ...rest } = options
  const admin = kafkaAdmin(connection)
  const reader = kafkaReader(consumer, connection, metrics)
  try {
    return await openKafkaEventLog({
      ...rest,
      admin,
      reader,
      createProducer: async () => await kafkaProducer(producer, connection, compression),
    })
  } catch (error) {
    await Promise.all([reader.close(), admin.close()])
    throw error
  }
}

export function kafkaAdmin(connection: KafkaConnection): KafkaAdmin {
  return platformaticAdmin({ connection })
}

export function kafkaReader(client: KafkaClientName, connection: KafkaConnection, metrics?: Metrics): KafkaReader {
  switch (client) {
    case 'platformatic':
      return platformaticReader({ connection })
    case 'kafkajs':
      return kafkajsReader(connection, { ...(metrics !== undefined && { metrics }) })
  }
}

export async function kafkaProducer(
  client: KafkaClientName,
  connection: KafkaConnection,
  compression: KafkaCompression,
): Promise<KafkaProducer> {
  switch (client) {
    case 'platformatic':
      return await platformaticProducer({ connection, compression })
    case 'kafkajs':
      return await kafkajsProducer(connection, { compression })
  }
}
