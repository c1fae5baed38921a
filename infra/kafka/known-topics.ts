import type { TopicName } from '#schemas/topics.ts'
import type { KafkaAdmin, KafkaOffsets, KafkaTopic } from './client.ts'
import { MillraceError } from '#schemas/errors.ts'
import { topicNames, topics } from '#schemas/topics.ts'
import { sharedCall } from './shared-call.ts'

/** A topic of ours as it was found when the log was opened. */
export interface KnownTopic extends KafkaTopic {
  readonly topic: TopicName
  /** Bounds as they are now. Throws `log-went-back` when the topic is gone or another. */
  readonly bounds: () => Promise<readonly KafkaOffsets[]>
  /** Throws `log-went-back` when the topic is gone or another. */
  readonly assertSame: () => Promise<void>
  /** By partition: after the last record that we appended. */
  readonly ends: number[]
}

export interface KnownTopicsOptions {
  readonly admin: KafkaAdmin
  readonly topicPrefix: string
  readonly partitions?: number
  readonly topicIds?: Readonly<Partial<Record<TopicName, string>>>
}

/** Finds the topics. Throws `configuration-invalid` when they are not as they must be, `log-went-back` when one is another than before. */
export async function knownTopics(options: KnownTopicsOptions): Promise<Readonly<Record<TopicName, KnownTopic>>> {
  const { admin, topicPrefix, topicIds } = options
  const found = new Map(
    (await admin.topics(topicNames.map((topic) => topicPrefix + topic))).map((each) => [each.name, each]),
  )
  const missing = topicNames.filter((topic) => !found.has(topicPrefix + topic))
  if (missing.length > 0) {
    throw new MillraceError(
      'configuration-invalid',
      `Kafka has no ${missing.join(', ')}: make them by millrace topics create`,
      {
        facts: { topicPrefix, missing },
      },
    )
  }
  const source = options.partitions ?? found.get(`${topicPrefix}interactions`)?.partitions ?? 0
  const known = topicNames.map((topic) => {
    const its = found.get(topicPrefix + topic)!
    const partitions = topics[topic].partitions === 'single' ? 1 : source
    if (its.partitions !== partitions) {
      throw new MillraceError(
        'configuration-invalid',
        `${its.name} has ${its.partitions} partitions and must have ${partitions}: the number is fixed for life`,
        { facts: { topic: its.name, found: its.partitions, partitions } },
      )
    }
    const before = topicIds?.[topic]
    if (before !== undefined && before !== its.id) {
      throw new MillraceError('log-went-back', `${its.name} is not the topic it was: it was deleted and made again`, {
        facts: { topic: its.name, before, id: its.id },
      })
    }
    return [topic, knownTopic(admin, topic, its)] as const
  })
  const byName: Partial<Record<TopicName, KnownTopic>> = Object.fromEntries(known)
  return byName as Record<TopicName, KnownTopic>
}

function knownTopic(admin: KafkaAdmin, topic: TopicName, its: KafkaTopic): KnownTopic {
  return {
    ...its,
    topic,
    ends: [],
    bounds: sharedCall(async () => await admin.offsets(its)),
    assertSame: sharedCall(async () => {
      const [now] = await admin.topics([its.name])
      if (now?.id === its.id) return
      throw new MillraceError('log-went-back', `${its.name} was deleted${now === undefined ? '' : ' and made again'}`, {
        facts: { topic: its.name, id: its.id, idNow: now?.id },
      })
    }),
  }
}
