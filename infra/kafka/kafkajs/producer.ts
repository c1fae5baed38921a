import type { KafkaCompression, KafkaConnection, KafkaProducer, PartitionRecords } from '../client.ts'
import kafkajs, { type Message, type RecordMetadata, type TopicMessages } from 'kafkajs'
import { MillraceError } from '#schemas/errors.ts'
import { kafkajsClient } from './client.ts'
import { canZstd } from './codecs.ts'
import { kafkajsFailure } from './failures.ts'

export interface KafkajsProducerOptions {
  readonly compression?: KafkaCompression
  /** A request without an answer for so long is sent again, under the same sequence number. */
  readonly requestTimeoutMs?: number
  /** Times a request is sent again before the send fails, some 100 ms apart at first and 1 s later. */
  readonly retries?: number
}

export const kafkajsProducerDefaults = { compression: 'none', requestTimeoutMs: 10_000, retries: 8 } as const

const { CompressionTypes } = kafkajs
const compressionTypes = {
  none: CompressionTypes.None,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
} as const

/**
 * An idempotent producer with acks=all. Exactly one send may be outstanding: with several, kafkajs rolls its sequence numbers back when an
 * answer is lost, and the broker takes the next records for repeats. A send that goes to several brokers, one of which fails, may leave
 * records of the others twice on the log (kafkajs sends to all again, under new sequence numbers): whoever counts knows them by their ids.
 */
export async function kafkajsProducer(
  connection: KafkaConnection,
  options: KafkajsProducerOptions = {},
): Promise<KafkaProducer> {
  const { compression, requestTimeoutMs, retries } = { ...kafkajsProducerDefaults, ...options }
  if (compression === 'zstd' && !canZstd())
    throw new MillraceError('configuration-invalid', `this Node (${process.version}) cannot compress with zstd`)
  const client = kafkajsClient(connection, { requestTimeoutMs, retries })
  const producer = client.kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
  })
  let ended: MillraceError | undefined
  let isSending = false

  function end(error: MillraceError): MillraceError {
    ended = error
    client.abandon()
    return error
  }

  try {
    await producer.connect()
  } catch (error) {
    throw end(kafkajsFailure(error, 'a connection to Kafka'))
  }

  return {
    async send(batches) {
      if (ended !== undefined) throw ended
      if (isSending) throw new MillraceError('broken-invariant', 'a send is outstanding on this producer')
      isSending = true
      try {
        const sent = { acks: -1, compression: compressionTypes[compression], topicMessages: topicMessages(batches) }
        return firstOffsets(batches, await producer.sendBatch(sent))
      } catch (error) {
        throw end(
          kafkajsFailure(error, 'an append to Kafka', { topics: [...new Set(batches.map(({ topic }) => topic))] }),
        )
      } finally {
        isSending = false
      }
    },
    async close() {
      if (ended !== undefined) return
      ended = new MillraceError('stopped', 'the producer is closed')
      await producer.disconnect()
      client.abandon()
    },
  }
}

function topicMessages(batches: readonly PartitionRecords[]): TopicMessages[] {
  const byTopic = new Map<string, Message[]>()
  for (const { topic, partition, records } of batches) {
    const messages = byTopic.get(topic) ?? []
    byTopic.set(topic, messages)
    for (const { key, value, timestamp } of records) {
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      messages.push({ key, value: bytes, partition, timestamp: String(timestamp) })
    }
  }
  return Array.from(byTopic, ([topic, messages]) => ({ topic, messages }))
}

/** kafkajs sends all records of a partition as one batch, in the order given. */
function firstOffsets(batches: readonly PartitionRecords[], sent: readonly RecordMetadata[]): readonly number[] {
  const next = new Map(
    sent.map(({ topicName, partition, baseOffset }) => [`${topicName}/${partition}`, Number(baseOffset ?? -1)]),
  )
  return batches.map(({ topic, partition, records }) => {
    const first = next.get(`${topic}/${partition}`)
    if (first === undefined || first < 0) {
      throw new MillraceError('store-failed', `Kafka did not say where it put records of ${topic}/${partition}`, {
        retriable: true,
        facts: { topic, partition },
      })
    }
    next.set(`${topic}/${partition}`, first + records.length)
    return first
  })
}
