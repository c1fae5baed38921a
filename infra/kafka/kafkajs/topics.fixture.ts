import type { ITopicConfig } from 'kafkajs'
import type { KafkaConnection, KafkaProducer, KafkaRecord } from '../client.ts'
import { onTestFinished, vi } from 'vitest'
import { kafkajsClient } from './client.ts'

/** A topic of this test's own, dropped after it. */
export async function temporaryTopic(
  connection: KafkaConnection,
  options: Omit<ITopicConfig, 'topic'> = {},
): Promise<string> {
  const topic = `kafkajs-test-${crypto.randomUUID()}`
  const client = kafkajsClient(connection, { requestTimeoutMs: 30_000, retries: 5 })
  const admin = client.kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, ...options }], waitForLeaders: false })
  onTestFinished(async () => {
    await admin.deleteTopics({ topics: [topic] }).catch(() => 'it was dropped by the test')
    await admin.disconnect()
    client.abandon()
  })
  await vi.waitFor(() => admin.fetchTopicOffsets(topic), { timeout: 30_000, interval: 10 })
  return topic
}

/** Records numbered from `first` on. */
export function numbered(count: number, first = 0, timestamp = 1_700_000_000_000): KafkaRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    key: `key ${first + i}`,
    value: Buffer.from(`value ${first + i}`),
    timestamp: timestamp + i,
  }))
}

export async function appendTo(
  producer: KafkaProducer,
  topic: string,
  partition: number,
  records: readonly KafkaRecord[],
): Promise<number> {
  const [offset = -1] = await producer.send([{ topic, partition, records }])
  return offset
}
