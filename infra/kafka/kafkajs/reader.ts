import type { Fetched, FetchOptions, KafkaConnection, KafkaReader } from '../client.ts'
import type { WatchedPartition } from './watchdog.ts'
import { MillraceError } from '#schemas/errors.ts'
import { noMetrics, type Metrics } from '#schemas/ports/metrics.ts'
import { kafkajsLogEnds } from './log-ends.ts'
import { topicConsumer, type TopicConsumer } from './topic-consumer.ts'
import { watchdog } from './watchdog.ts'

export interface KafkajsReaderOptions {
  /** A fetch that finds nothing waits so long for a record; a partition followed anew waits for the fetch under way. */
  readonly maxWaitMs?: number
  readonly requestTimeoutMs?: number
  /** Bytes of one answer: what is decoded without a pause. One batch of records comes whole, however large. */
  readonly fetchBytes?: number
  /** Bytes held for one partition beyond which it is not fetched. */
  readonly partitionBytes?: number
  /** Bytes held for all partitions of a topic beyond which only those that hold nothing are fetched. */
  readonly consumerBytes?: number
  /** The watchdog looks so often whether a consumer has stopped fetching. */
  readonly checkMs?: number
  /** Records may lie unfetched so long before their consumer is restarted. */
  readonly stallMs?: number
  readonly metrics?: Metrics
}

export const kafkajsReaderDefaults = {
  maxWaitMs: 250,
  requestTimeoutMs: 30_000,
  fetchBytes: 1_048_576,
  partitionBytes: 4_194_304,
  consumerBytes: 33_554_432,
  checkMs: 2_000,
  stallMs: 6_000,
} as const

/**
 * Reads by position with kafkajs, one consumer a topic; a second follow of a partition gets another consumer. A consumer that loses a
 * connection, meets a leader that moved, or stalls, ends what it was reading with `store-failed`: nothing is skipped or read on silently.
 */
export function kafkajsReader(connection: KafkaConnection, options: KafkajsReaderOptions = {}): KafkaReader {
  const settings = { ...kafkajsReaderDefaults, ...options }
  const { metrics = noMetrics } = options
  const consumers = new Set<TopicConsumer>()
  const logEnds = kafkajsLogEnds(connection, { requestTimeoutMs: settings.stallMs })
  let isClosed = false

  function consumerFor(topic: string, partition: number): TopicConsumer {
    const free = [...consumers].find((consumer) => consumer.topic === topic && !consumer.has(partition))
    return free ?? newConsumer(topic)
  }

  function newConsumer(topic: string): TopicConsumer {
    const onOver = (): void => {
      stopWatching()
      consumers.delete(consumer)
    }
    const consumer = topicConsumer({ ...settings, connection, topic, onOver })
    const stopWatching = watchdog({
      checkMs: settings.checkMs,
      stallMs: settings.stallMs,
      partitions: () => watchedPartitions(consumer),
      ends: (partitions) => logEnds.ends(topic, partitions),
      onStall(partitions) {
        metrics.count('millrace_consumer_restarts_total', 1, { topic })
        consumer.fail(stalled(topic, partitions))
      },
    })
    consumers.add(consumer)
    return consumer
  }

  async function* follow(
    topic: string,
    partition: number,
    offset: number,
    { maxRecords, signal }: FetchOptions,
  ): AsyncGenerator<Fetched, void, undefined> {
    if (isClosed) throw closed()
    const consumer = consumerFor(topic, partition)
    const queue = consumer.add(partition, offset)
    try {
      for (;;) {
        const fetched = await queue.take(maxRecords, signal)
        if (fetched === undefined) return
        yield fetched
      }
    } finally {
      consumer.remove(queue)
    }
  }

  return {
    follow,
    async close() {
      isClosed = true
      for (const consumer of consumers) consumer.fail(closed())
      logEnds.close()
    },
  }
}

function watchedPartitions(consumer: TopicConsumer): readonly WatchedPartition[] {
  return consumer.queues().map((queue) => ({
    partition: queue.partition,
    position: queue.position(),
    hasRoom: consumer.hasRoom(queue),
    answeredAt: consumer.answeredAt(queue),
  }))
}

function stalled(topic: string, partitions: readonly WatchedPartition[]): MillraceError {
  return new MillraceError('store-failed', `the consumer of ${topic} stopped fetching and is started anew`, {
    retriable: true,
    facts: { topic, partitions },
  })
}

function closed(): MillraceError {
  return new MillraceError('stopped', 'the reader is closed')
}
