import { describe, expect, it, onTestFinished } from 'vitest'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { apiKeys, brokerProxy } from '../broker-proxy.fixture.ts'
import type { KafkaConnection, KafkaProducer } from '../client.ts'
import { kafkajsProducer, type KafkajsProducerOptions } from './producer.ts'
import { kafkajsReader } from './reader.ts'
import { appendTo, numbered, temporaryTopic } from './topics.fixture.ts'

const kafka = testServer('kafka')

/** Node says most warnings once in a process, so they are listened for from the beginning. */
const warnings: string[] = []
process.on('warning', ({ name, message }) => warnings.push(`${name}: ${message}`))

describe.skipIf(kafka === undefined)('The kafkajs producer', () => {
  const connection: KafkaConnection = { brokers: kafka?.brokers ?? [], clientId: 'test' }

  it.each(['none', 'lz4', 'zstd'] as const)(
    'appends what can be read again, byte for byte: %s',
    async (compression) => {
      const topic = await temporaryTopic(connection, { numPartitions: 3 })
      const producer = await opened(connection, { compression })
      const records = [...numbered(500), { key: '', value: new Uint8Array(0), timestamp: 5 }]
      expect(await appendTo(producer, topic, 2, records)).toBe(0)
      expect(await appendTo(producer, topic, 2, numbered(1))).toBe(501)
      const read = await readAll(connection, topic, 2, 501)
      expect(read.map(({ key, value, timestamp }) => ({ key, value: Buffer.from(value), timestamp }))).toEqual(
        records.map((record) => ({ ...record, value: Buffer.from(record.value) })),
      )
    },
  )

  it('says where the first record of each batch is, in the order given', async () => {
    const [one, other] = [await temporaryTopic(connection, { numPartitions: 2 }), await temporaryTopic(connection)]
    const producer = await opened(connection)
    await appendTo(producer, one, 1, numbered(3))
    const offsets = await producer.send([
      { topic: other, partition: 0, records: numbered(2) },
      { topic: one, partition: 1, records: numbered(4) },
      { topic: one, partition: 0, records: numbered(1) },
      { topic: one, partition: 1, records: numbered(2) },
    ])
    expect(offsets).toEqual([0, 3, 0, 7])
  })

  it('appends once what the broker appended before its answer was lost', async () => {
    const topic = await temporaryTopic(connection)
    const [broker = ''] = connection.brokers
    const proxy = await brokerProxy(broker)
    const producer = await opened({ ...connection, brokers: [proxy.address] })
    await appendTo(producer, topic, 0, numbered(10))
    proxy.cutAnswers(apiKeys.produce, 2)
    expect(await appendTo(producer, topic, 0, numbered(10, 10))).toBe(10)
    expect(proxy.requests(apiKeys.produce)).toBe(4)
    expect(await appendTo(producer, topic, 0, numbered(10, 20))).toBe(20)
    const read = await readAll(connection, topic, 0, 30)
    expect(read.map(({ key }) => key)).toEqual(numbered(30).map(({ key }) => key))
  })

  it('ends when its retries are spent', async () => {
    const topic = await temporaryTopic(connection)
    const [broker = ''] = connection.brokers
    const proxy = await brokerProxy(broker)
    const producer = await opened({ ...connection, brokers: [proxy.address] }, { retries: 1 })
    await appendTo(producer, topic, 0, numbered(1))
    proxy.cut()
    const failed = { code: 'store-failed', retriable: true }
    await expect(appendTo(producer, topic, 0, numbered(1))).rejects.toMatchObject(failed)
    proxy.restore()
    await expect(appendTo(producer, topic, 0, numbered(1))).rejects.toMatchObject(failed)
  })

  it('refuses a record that is too large for the topic', async () => {
    const topic = await temporaryTopic(connection, { configEntries: [{ name: 'max.message.bytes', value: '1000' }] })
    const producer = await opened(connection)
    const record = { key: 'large', value: Buffer.alloc(2_000, 'x'), timestamp: 1 }
    await expect(appendTo(producer, topic, 0, [record])).rejects.toMatchObject({
      code: 'record-too-large',
      retriable: false,
    })
  })

  it('fails for a partition that does not exist, which kafkajs would drop without a word', async () => {
    const topic = await temporaryTopic(connection)
    const producer = await opened(connection)
    await expect(appendTo(producer, topic, 7, numbered(1))).rejects.toMatchObject({
      code: 'store-failed',
      facts: { topic, partition: 7 },
    })
  })

  it('fails with what may pass where no broker answers', async () => {
    const nobody = { ...connection, brokers: ['127.0.0.1:1'] }
    await expect(kafkajsProducer(nobody, { retries: 1 })).rejects.toMatchObject({
      code: 'store-failed',
      retriable: true,
    })
  })

  it('refuses a second send while one is outstanding', async () => {
    const topic = await temporaryTopic(connection)
    const producer = await opened(connection)
    const first = appendTo(producer, topic, 0, numbered(1))
    await expect(appendTo(producer, topic, 0, numbered(1))).rejects.toMatchObject({ code: 'broken-invariant' })
    expect(await first).toBe(0)
  })

  it('works without a warning from Node', async () => {
    const topic = await temporaryTopic(connection)
    await appendTo(await opened(connection), topic, 0, numbered(1))
    await readAll(connection, topic, 0, 1)
    expect(warnings).toEqual([])
  })

  it('refuses after it was closed', async () => {
    const topic = await temporaryTopic(connection)
    const producer = await opened(connection)
    await producer.close()
    await expect(appendTo(producer, topic, 0, numbered(1))).rejects.toMatchObject({ code: 'stopped' })
  })
})

async function opened(connection: KafkaConnection, options: KafkajsProducerOptions = {}): Promise<KafkaProducer> {
  const producer = await kafkajsProducer(connection, options)
  onTestFinished(() => producer.close())
  return producer
}

async function readAll(connection: KafkaConnection, topic: string, partition: number, count: number) {
  const reader = kafkajsReader(connection)
  onTestFinished(() => reader.close())
  const read = []
  for await (const { records } of reader.follow(topic, partition, 0, {
    maxRecords: 1_000,
    signal: new AbortController().signal,
  })) {
    read.push(...records)
    if (read.length >= count) break
  }
  return read.slice(0, count)
}
