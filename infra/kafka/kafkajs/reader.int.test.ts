import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { MetricName } from '#schemas/metrics.ts'
import type { LogRecord } from '#schemas/ports/event-log.ts'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { apiKeys, brokerProxy } from '../broker-proxy.fixture.ts'
import type { Fetched, KafkaConnection, KafkaProducer, KafkaReader } from '../client.ts'
import { kafkajsClient } from './client.ts'
import { kafkajsProducer } from './producer.ts'
import { kafkajsReader, type KafkajsReaderOptions } from './reader.ts'
import { appendTo, numbered, temporaryTopic } from './topics.fixture.ts'

const kafka = testServer('kafka')

describe.skipIf(kafka === undefined)('The kafkajs reader', () => {
  const connection: KafkaConnection = { brokers: kafka?.brokers ?? [], clientId: 'test' }
  const [broker = ''] = connection.brokers

  it('follows a partition from an offset, through what is there and what comes', async () => {
    const topic = await temporaryTopic(connection, { numPartitions: 2 })
    const producer = await openedProducer(connection)
    await appendTo(producer, topic, 1, numbered(10))
    const following = follow(openedReader(connection), topic, 1, 4)
    await following.reached(10)
    await appendTo(producer, topic, 1, numbered(5, 10))
    await following.reached(15)
    expect(following.records.map(({ offset }) => offset)).toEqual(range(4, 15))
    expect(following.records.map(({ key }) => key)).toEqual(range(4, 15).map((n) => `key ${n}`))
  })

  it('gives at most so many records at a time, each batch beginning where the last ended', async () => {
    const topic = await temporaryTopic(connection)
    const producer = await openedProducer(connection)
    await appendTo(producer, topic, 0, numbered(100))
    const batches: Fetched[] = []
    for await (const fetched of openedReader(connection).follow(topic, 0, 0, { maxRecords: 7, signal: never() })) {
      batches.push(fetched)
      if (fetched.next >= 100) break
    }
    expect(Math.max(...batches.map(({ records }) => records.length))).toBe(7)
    expect(batches.map(({ records }) => records[0]?.offset)).toEqual(
      [0, ...batches.map(({ next }) => next)].slice(0, -1),
    )
  })

  it('follows one partition twice, from different offsets', async () => {
    const topic = await temporaryTopic(connection)
    await appendTo(await openedProducer(connection), topic, 0, numbered(20))
    const reader = openedReader(connection)
    const [one, other] = [follow(reader, topic, 0, 0), follow(reader, topic, 0, 15)]
    await Promise.all([one.reached(20), other.reached(20)])
    expect(one.records.map(({ offset }) => offset)).toEqual(range(0, 20))
    expect(other.records.map(({ offset }) => offset)).toEqual(range(15, 20))
  })

  it('goes on with other partitions while one reader stands still, and holds a bounded amount for that one', async () => {
    const topic = await temporaryTopic(connection, { numPartitions: 2 })
    const producer = await openedProducer(connection)
    const reader = openedReader(connection, { partitionBytes: 10_000, fetchBytes: 10_000 })
    const still = reader.follow(topic, 0, 0, { maxRecords: 1, signal: never() })[Symbol.asyncIterator]()
    for (let i = 0; i < 20; i++) await appendTo(producer, topic, 0, numbered(100, i * 100))
    expect((await still.next()).value?.records).toHaveLength(1)
    const other = follow(reader, topic, 1, 0)
    for (let i = 0; i < 20; i++) {
      await appendTo(producer, topic, 1, numbered(100, i * 100))
      await other.reached((i + 1) * 100)
    }
    let next = 1
    while (next < 2_000) next = (await still.next()).value?.next ?? NaN
    expect(next).toBe(2_000)
    await still.return?.()
  })

  it('ends when the signal aborts', async () => {
    const topic = await temporaryTopic(connection)
    const stopping = new AbortController()
    const following = follow(openedReader(connection), topic, 0, 0, stopping.signal)
    stopping.abort()
    await following.ended
    expect(following.records).toEqual([])
  })

  it('says that the log went back when the offset lies beyond its end, and reads other partitions on', async () => {
    const topic = await temporaryTopic(connection, { numPartitions: 2 })
    const producer = await openedProducer(connection)
    const reader = openedReader(connection)
    const other = follow(reader, topic, 1, 0)
    await appendTo(producer, topic, 0, numbered(3))
    await expect(follow(reader, topic, 0, 4).ended).rejects.toMatchObject({
      code: 'log-went-back',
      facts: { topic, partition: 0, offset: 4, end: 3 },
    })
    await appendTo(producer, topic, 1, numbered(3))
    await other.reached(3)
  })

  it('says that the log is truncated when the offset has been removed', async () => {
    const topic = await temporaryTopic(connection, { numPartitions: 2 })
    const producer = await openedProducer(connection)
    await appendTo(producer, topic, 0, numbered(10))
    const admin = kafkajsClient(connection, { requestTimeoutMs: 10_000, retries: 2 }).kafka.admin()
    await admin.connect()
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] })
    await admin.disconnect()
    const reader = openedReader(connection)
    await expect(follow(reader, topic, 0, 5).ended).rejects.toMatchObject({
      code: 'log-truncated',
      facts: { topic, partition: 0, offset: 5, start: 6 },
    })
    const rest = follow(reader, topic, 0, 6)
    await rest.reached(10)
    expect(rest.records.map(({ offset }) => offset)).toEqual(range(6, 10))
  })

  it('ends what it was reading when the connection is lost, and reads on when asked again', async () => {
    const topic = await temporaryTopic(connection)
    const producer = await openedProducer(connection)
    await appendTo(producer, topic, 0, numbered(5))
    const proxy = await brokerProxy(broker)
    const reader = openedReader({ ...connection, brokers: [proxy.address] })
    const following = follow(reader, topic, 0, 0)
    await following.reached(5)
    proxy.cut()
    await expect(following.ended).rejects.toMatchObject({ code: 'store-failed', retriable: true })
    await expect(follow(reader, topic, 0, 5).ended).rejects.toMatchObject({ code: 'store-failed', retriable: true })
    proxy.restore()
    await appendTo(producer, topic, 0, numbered(5, 5))
    const again = follow(reader, topic, 0, 5)
    await again.reached(10)
    expect(again.records.map(({ key }) => key)).toEqual(range(5, 10).map((n) => `key ${n}`))
  })

  it('restarts a consumer that has stopped fetching while the log grows, and counts that', async () => {
    const topic = await temporaryTopic(connection, { numPartitions: 2 })
    const producer = await openedProducer(connection)
    const proxy = await brokerProxy(broker)
    const counted: unknown[] = []
    const metrics = {
      count: (name: MetricName, by?: number, labels?: object) => void counted.push([name, by, labels]),
      gauge() {},
      observe() {},
    }
    const watched = { checkMs: 50, stallMs: 500, metrics }
    const reader = openedReader({ ...connection, brokers: [proxy.address] }, watched)
    const [following, other] = [follow(reader, topic, 0, 0), follow(reader, topic, 1, 0)]
    await appendTo(producer, topic, 0, numbered(1))
    await following.reached(1)
    proxy.stall(apiKeys.fetch)
    await appendTo(producer, topic, 0, numbered(1, 1))
    const restarted = { code: 'store-failed', retriable: true, facts: { topic } }
    await expect(following.ended).rejects.toMatchObject(restarted)
    await expect(other.ended).rejects.toMatchObject(restarted)
    expect(counted).toEqual([['millrace_consumer_restarts_total', 1, { topic }]])
    await follow(reader, topic, 0, 1).reached(2)
  })

  it('passes over batches that compaction has left without records', async () => {
    const often = { 'cleanup.policy': 'compact', 'min.cleanable.dirty.ratio': '0.001', 'segment.ms': '500' }
    const topic = await temporaryTopic(connection, {
      configEntries: Object.entries(often).map(([name, value]) => ({ name, value })),
    })
    const [former, later] = [await openedProducer(connection), await openedProducer(connection)]
    const last = (value: string) => [{ key: 'same', value: Buffer.from(value), timestamp: Date.now() }]
    await appendTo(former, topic, 0, [...last('a'), ...last('b'), ...last('c')])
    await appendTo(later, topic, 0, last('d'))
    // The log cleaner passes by every 15 s, and only over segments that were closed by a later record.
    await vi.waitFor(
      async () => {
        await appendTo(later, topic, 0, [{ key: 'other', value: Buffer.from('x'), timestamp: Date.now() }])
        const first = follow(openedReader(connection), topic, 0, 0)
        await first.reached(1)
        expect(first.records[0]?.key === 'same' ? first.records[0].offset : 0).toBe(3)
      },
      { timeout: 120_000, interval: 1_000 },
    )
    const bytesOfBareBatch = 61
    for (const from of [0, 1, 2]) {
      const following = follow(openedReader(connection, { fetchBytes: bytesOfBareBatch }), topic, 0, from)
      await following.reached(4)
      expect(following.records[0]?.offset).toBe(3)
    }
  })

  it('fails for a topic that does not exist, and does not make it', async () => {
    const reader = openedReader(connection)
    for (let i = 0; i < 2; i++) {
      await expect(follow(reader, 'kafkajs-test-no-such-topic', 0, 0).ended).rejects.toMatchObject({
        code: 'store-failed',
        retriable: true,
        facts: { answer: 'UNKNOWN_TOPIC_OR_PARTITION' },
      })
    }
  })

  it('ends what is open when it is closed', async () => {
    const topic = await temporaryTopic(connection)
    const reader = openedReader(connection)
    const following = follow(reader, topic, 0, 0)
    await reader.close()
    await expect(following.ended).rejects.toMatchObject({ code: 'stopped' })
    await expect(follow(reader, topic, 0, 0).ended).rejects.toMatchObject({ code: 'stopped' })
  })

  it('leaves out what was written in transactions that were given up, and waits for those that are open', async () => {
    const topic = await temporaryTopic(connection)
    const client = kafkajsClient(connection, { requestTimeoutMs: 10_000, retries: 5 })
    const producer = client.kafka.producer({ transactionalId: topic, maxInFlightRequests: 1 })
    await producer.connect()
    onTestFinished(() => producer.disconnect())
    const send = async (key: string, end: 'commit' | 'abort') => {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ key, value: key }] })
      await transaction[end]()
    }
    await send('first', 'commit')
    await send('second', 'abort')
    await send('third', 'commit')
    const following = follow(openedReader(connection), topic, 0, 0)
    await following.reached(6)
    expect(following.records.map(({ key }) => key)).toEqual(['first', 'third'])
  })
})

interface Following {
  readonly records: LogRecord[]
  /** Waits until everything below this offset has been read. */
  reached(offset: number): Promise<void>
  readonly ended: Promise<void>
}

function follow(
  reader: KafkaReader,
  topic: string,
  partition: number,
  offset: number,
  signal: AbortSignal = never(),
): Following {
  const records: LogRecord[] = []
  let position = offset
  const run = async (): Promise<void> => {
    for await (const fetched of reader.follow(topic, partition, offset, { maxRecords: 1_000, signal })) {
      records.push(...fetched.records)
      position = fetched.next
    }
  }
  const ended = run()
  ended.catch(() => 'whoever waits for it sees it')
  return {
    records,
    ended,
    async reached(wanted) {
      const arrived = vi.waitFor(() => expect(position).toBeGreaterThanOrEqual(wanted), {
        timeout: 30_000,
        interval: 2,
      })
      await Promise.race([arrived, ended.then(() => arrived)])
    },
  }
}

function openedReader(connection: KafkaConnection, options: KafkajsReaderOptions = {}): KafkaReader {
  const reader = kafkajsReader(connection, options)
  onTestFinished(() => reader.close())
  return reader
}

async function openedProducer(connection: KafkaConnection): Promise<KafkaProducer> {
  const producer = await kafkajsProducer(connection)
  onTestFinished(() => producer.close())
  return producer
}

function never(): AbortSignal {
  return new AbortController().signal
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}
