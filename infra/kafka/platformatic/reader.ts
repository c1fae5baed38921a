import type { FetchOptions, Fetched, KafkaConnection, KafkaReader } from '../client.ts'
import type { FollowedPartition } from './followed-partition.ts'
import { MillraceError } from '#schemas/errors.ts'
import { openBrokers } from './brokers.ts'
import { followedPartition, take } from './followed-partition.ts'
import { lookUp } from './leaders.ts'
import { pollBrokers } from './polls.ts'

export interface PlatformaticReaderOptions {
  readonly connection: KafkaConnection
  /** A broker waits so long for a first record before it answers that there is none. */
  readonly maxWaitMs?: number
  /** Of one partition so much is fetched ahead of its reader, and one more fetch at most. */
  readonly aheadBytes?: number
  readonly maxPartitionBytes?: number
  /** Of one fetch. */
  readonly maxBytes?: number
  /** A broker that does not answer for so long is lost. */
  readonly requestTimeoutMs?: number
}

export const platformaticReaderDefaults = {
  maxWaitMs: 500,
  aheadBytes: 262_144,
  maxPartitionBytes: 1_048_576,
  maxBytes: 16_777_216,
  requestTimeoutMs: 10_000,
} as const

/**
 * Reads partitions by fetches of its own, without a consumer group: the partitions of one leader wait in one long poll.
 * A partition whose reader is slow is left out of the polls, and holds up no other.
 */
export function platformaticReader(options: PlatformaticReaderOptions): KafkaReader {
  const { connection, requestTimeoutMs, ...limits } = { ...platformaticReaderDefaults, ...options }
  const lookUps = openBrokers({ connection, requestTimeoutMs })
  const polls = pollBrokers({ connection, requestTimeoutMs, lookUps, ...limits })
  let isClosed = false

  async function begin(topic: string, partition: number, offset: number, options: FetchOptions) {
    const topicId = options.topicId ?? (await lookUp(lookUps, [topic])).get(topic)?.id
    if (topicId === undefined) {
      throw new MillraceError('not-found', `there is no topic ${topic}`, { facts: { topic } })
    }
    return followedPartition({ topic, partition, topicId, until: options.until ?? Infinity }, offset)
  }

  async function* follow(
    topic: string,
    partition: number,
    offset: number,
    options: FetchOptions,
  ): AsyncGenerator<Fetched, void, undefined> {
    const { maxRecords, signal } = options
    const follower: FollowedPartition = await begin(topic, partition, offset, options)
    const wake = () => follower.changed.wake()
    signal.addEventListener('abort', wake)
    polls.add(follower)
    try {
      for (let next = offset; next < follower.until;) {
        if (signal.aborted) return
        if (isClosed) throw new MillraceError('stopped', 'the reader is closed')
        const fetched = take(follower, maxRecords)
        if (fetched !== undefined) {
          next = fetched.next
          polls.taken(follower)
          yield fetched
        } else if (follower.failure !== undefined) throw follower.failure
        else await follower.changed.wait()
      }
    } finally {
      signal.removeEventListener('abort', wake)
      polls.remove(follower)
    }
  }

  return {
    fetchesByTopicId: true,
    follow,
    async close() {
      isClosed = true
      await Promise.all([polls.close(), lookUps.close()])
    },
  }
}
