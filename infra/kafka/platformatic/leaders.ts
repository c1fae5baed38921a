import { MillraceError } from '#schemas/errors.ts'
import type { BrokerAddress, Brokers } from './brokers.ts'
import { protocolCode, refused } from './failures.ts'

/** A topic that a broker knows, with where its partitions are read and written. */
export interface LedTopic {
  readonly id: string
  /** By partition; undefined while it has no leader. */
  readonly leaders: readonly (Leader | undefined)[]
}

export interface Leader extends BrokerAddress {
  readonly leaderEpoch: number
}

/** What the brokers know of a topic now; undefined when there is none of its name. */
export async function lookUp(brokers: Brokers, names: readonly string[]): Promise<Map<string, LedTopic>> {
  const answer = await brokers.metadata(names)
  const addresses = new Map(answer.brokers.map((broker) => [broker.nodeId, broker]))
  const found = new Map<string, LedTopic>()
  for (const { errorCode, name, topicId, partitions } of answer.topics) {
    if (errorCode === protocolCode.unknownTopicOrPartition) continue
    if (name == null || (errorCode !== protocolCode.none && partitions.length === 0)) {
      throw refused('to say what topics there are', errorCode, { topic: name })
    }
    const leaders: (Leader | undefined)[] = []
    for (const { partitionIndex, leaderId, leaderEpoch } of partitions) {
      const address = addresses.get(leaderId)
      leaders[partitionIndex] = address && { host: address.host, port: address.port, leaderEpoch }
    }
    found.set(name, { id: topicId, leaders })
  }
  return found
}

/** The topic as it was known, unless it is gone or is another by now: then `log-went-back`. */
export function sameTopic(topic: string, id: string, found: ReadonlyMap<string, LedTopic>): LedTopic {
  const now = found.get(topic)
  if (now?.id === id) return now
  throw new MillraceError('log-went-back', `${topic} was deleted${now === undefined ? '' : ' and made again'}`, {
    facts: { topic, id, idNow: now?.id },
  })
}
