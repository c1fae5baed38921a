import { Consumer, MessagesStreamModes, ProduceAcks, Producer } from '@platformatic/kafka'
import kafkajs from 'kafkajs'
import type { KafkaClientName } from './open.ts'

export interface BareRecord {
  readonly key: string
  readonly value: Uint8Array
}

export interface BareOptions {
  readonly brokers: readonly string[]
  readonly topic: string
}

/** A client library as its makers meant it to be used: what an adapter of ours is measured against. */
export interface BareClient {
  /** Sends batches with acks=all, `width` of them under way at a time; idempotent where that is 1. Returns seconds. */
  produce(batches: readonly (readonly BareRecord[])[], width: number): Promise<number>
  /** Reads so many records in a group of its own. Returns seconds, from the first record on. */
  consume(count: number, group: string): Promise<number>
}

export function bareClient(client: KafkaClientName, options: BareOptions): BareClient {
  return client === 'kafkajs' ? bareKafkajs(options) : barePlatformatic(options)
}

function bareKafkajs({ brokers, topic }: BareOptions): BareClient {
  const kafka = new kafkajs.Kafka({ brokers: [...brokers], clientId: 'bare', logLevel: kafkajs.logLevel.NOTHING })
  return {
    async produce(batches, width) {
      const { DefaultPartitioner: createPartitioner } = kafkajs.Partitioners
      const producer = kafka.producer({ idempotent: width === 1, createPartitioner, maxInFlightRequests: width })
      await producer.connect()
      const seconds = await send(batches, width, async (records) => {
        const messages = records.map(({ key, value }) => ({ key, value: Buffer.from(value) }))
        await producer.send({ topic, acks: -1, messages })
      })
      await producer.disconnect()
      return seconds
    },
    async consume(count, groupId) {
      const consumer = kafka.consumer({ groupId })
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      const done = Promise.withResolvers<number>()
      let [seen, began] = [0, 0]
      await consumer.run({
        eachBatch: async ({ batch }) => {
          if (seen === 0) began = performance.now()
          seen += batch.messages.length
          if (seen >= count) done.resolve((performance.now() - began) / 1000)
        },
      })
      const seconds = await done.promise
      await consumer.disconnect()
      return seconds
    },
  }
}

function barePlatformatic({ brokers, topic }: BareOptions): BareClient {
  const client = { clientId: 'bare', bootstrapBrokers: [...brokers] }
  return {
    async produce(batches, width) {
      const producer = new Producer({ ...client, idempotent: width === 1, acks: ProduceAcks.ALL })
      const seconds = await send(batches, width, async (records) => {
        const messages = records.map(({ key, value }) => ({ topic, key: Buffer.from(key), value: Buffer.from(value) }))
        await producer.send({ messages })
      })
      await producer.close()
      return seconds
    },
    async consume(count, groupId) {
      const consumer = new Consumer({ ...client, groupId })
      const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST, autocommit: false })
      let [seen, began] = [0, 0]
      for await (const _ of stream) {
        if (seen === 0) began = performance.now()
        if (++seen >= count) break
      }
      const seconds = (performance.now() - began) / 1000
      await consumer.close(true)
      return seconds
    },
  }
}

async function send(
  batches: readonly (readonly BareRecord[])[],
  width: number,
  one: (records: readonly BareRecord[]) => Promise<void>,
): Promise<number> {
  // The first send looks up brokers and partitions.
  await one(batches[0]?.slice(0, 1) ?? [])
  const began = performance.now()
  let next = 0
  async function lane(): Promise<void> {
    for (let batch = batches[next++]; batch !== undefined; batch = batches[next++]) await one(batch)
  }
  await Promise.all(Array.from({ length: width }, lane))
  return (performance.now() - began) / 1000
}
