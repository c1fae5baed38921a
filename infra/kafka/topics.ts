import type { TopicName } from '#schemas/topics.ts'
import type { KafkaAdmin, KafkaTopicSettings } from './client.ts'
import { topicNames, topics } from '#schemas/topics.ts'

export interface TopicsOptions {
  /** Put before the name of every topic. */
  readonly topicPrefix: string
  /** Of every source topic. */
  readonly partitions: number
  readonly replication: number
  /** Replicas that must have a record before it is acknowledged. */
  readonly minInSync: number
  /** Bytes that key and value of one record may have together. */
  readonly maxRecordBytes?: number
}

const day = 86_400_000

/** Room for the headers of a batch, and for bytes that compression makes more of. */
const batchOverheadBytes = 65_536

/**
 * How each topic is to be. The broker removes by time only what is twice as old as our own retention allows: that one knows what still is
 * needed (`retain`), the broker's is for when nobody calls it.
 */
export function topicSettings(options: TopicsOptions): Readonly<Record<TopicName, KafkaTopicSettings>> {
  const settings: Partial<Record<TopicName, KafkaTopicSettings>> = {}
  for (const topic of topicNames) settings[topic] = settingsOf(topic, options)
  return settings as Record<TopicName, KafkaTopicSettings>
}

function settingsOf(topic: TopicName, options: TopicsOptions): KafkaTopicSettings {
  const { topicPrefix, partitions, replication, minInSync, maxRecordBytes = 1_048_576 } = options
  const { retention, partitions: kind } = topics[topic]
  return {
    name: topicPrefix + topic,
    partitions: kind === 'single' ? 1 : partitions,
    replication,
    configs: {
      'cleanup.policy': retention.type === 'compact' ? 'compact' : 'delete',
      'retention.ms': retention.type === 'time' ? `${2 * retention.ms}` : '-1',
      'retention.bytes': '-1',
      'min.compaction.lag.ms': retention.type === 'compact' ? `${retention.minAgeMs}` : '0',
      'delete.retention.ms': `${day}`,
      'min.insync.replicas': `${minInSync}`,
      'unclean.leader.election.enable': 'false',
      'max.message.bytes': `${maxRecordBytes + batchOverheadBytes}`,
      'message.timestamp.type': 'CreateTime',
      'compression.type': 'producer',
    },
  }
}

/** Makes the topics that are missing, and answers with their names; several processes may do so at once. */
export async function createTopics(admin: KafkaAdmin, options: TopicsOptions): Promise<readonly string[]> {
  const settings = Object.values(topicSettings(options))
  const there = new Set((await admin.topics(settings.map(({ name }) => name))).map(({ name }) => name))
  const missing = settings.filter(({ name }) => !there.has(name))
  if (missing.length > 0) await admin.createTopics(missing)
  return missing.map(({ name }) => name)
}

/** What of a topic is not as it is to be. */
export interface TopicDrift {
  readonly topic: string
  /** `exists`, `partitions`, `replication`, or the name of one of Kafka's settings. */
  readonly what: string
  readonly wanted: string
  readonly found: string
}

/** Compares the topics with how they are to be; empty when they are so. */
export async function checkTopics(admin: KafkaAdmin, options: TopicsOptions): Promise<readonly TopicDrift[]> {
  const settings = Object.values(topicSettings(options))
  const found = new Map((await admin.topics(settings.map(({ name }) => name))).map((each) => [each.name, each]))
  const missing = settings.filter(({ name }) => !found.has(name))
  const there = settings.filter(({ name }) => found.has(name))
  const names = there.map(({ name }) => name)
  const [configs, replicas] = await Promise.all([admin.configs(names), admin.replicas(names)])
  return [
    ...missing.map(({ name }) => ({ topic: name, what: 'exists', wanted: 'yes', found: 'no' })),
    ...there.flatMap((wanted, i) => {
      const { name } = wanted
      const all = [
        { what: 'partitions', wanted: `${wanted.partitions}`, found: `${found.get(name)?.partitions}` },
        { what: 'replication', wanted: `${wanted.replication}`, found: `${replicas[i]}` },
        ...Object.entries(wanted.configs).map(([what, value]) => ({
          what,
          wanted: value,
          found: configs[i]?.[what] ?? 'nothing',
        })),
      ]
      return all.filter((each) => each.wanted !== each.found).map((each) => ({ topic: name, ...each }))
    }),
  ]
}
