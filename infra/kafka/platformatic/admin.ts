import { setTimeout } from 'node:timers/promises'
import type { KafkaAdmin, KafkaConnection, KafkaTopic, KafkaTopicSettings } from '../client.ts'
import type { LedTopic } from './leaders.ts'
import { MillraceError } from '#schemas/errors.ts'
import { openBrokers } from './brokers.ts'
import { passes, protocolCode, refused } from './failures.ts'
import { lookUp, sameTopic } from './leaders.ts'
import { findOffsets, leaderOf, newest, oldest } from './offsets.ts'
import * as protocol from './protocol.ts'

export interface PlatformaticAdminOptions {
  readonly connection: KafkaConnection
  readonly requestTimeoutMs?: number
  /** What a start or a move of brokers refuses is asked again for so long. */
  readonly patienceMs?: number
}

export const platformaticAdminDefaults = { requestTimeoutMs: 30_000, patienceMs: 10_000 } as const

const topicResource = 2

export function platformaticAdmin(options: PlatformaticAdminOptions): KafkaAdmin {
  const { connection, requestTimeoutMs, patienceMs } = { ...platformaticAdminDefaults, ...options }
  const brokers = openBrokers({ connection, requestTimeoutMs })

  /** Repeats what may succeed by itself soon. */
  async function patiently<T>(work: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + patienceMs
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof MillraceError && error.retriable) || performance.now() >= deadline) throw error
      }
      await setTimeout(100)
    }
  }

  async function led({ name, id }: KafkaTopic): Promise<LedTopic> {
    return sameTopic(name, id, await lookUp(brokers, [name]))
  }

  const partitionsOf = (topic: KafkaTopic) => Array.from({ length: topic.partitions }, (_, partition) => partition)

  /** Waits until every broker knows of the topics, and each partition has a leader. */
  async function known(names: readonly string[]): Promise<void> {
    const { brokers: all } = await brokers.metadata([])
    for (const broker of all) {
      const answer = await brokers.ask(broker, 'what topics there are', async (to) => {
        return await protocol.metadata.async(to, [...names], false)
      })
      for (const { name, errorCode, partitions } of answer.topics) {
        const code = [errorCode, ...partitions.map((each) => each.errorCode)].find((each) => each !== 0)
        if (code !== undefined) throw refused('to say what topics there are', code, { topic: name })
      }
    }
  }

  /** Refuses while a broker still knows a topic of these ids. One that was made anew meanwhile has another. */
  async function forgotten(ids: ReadonlySet<string>): Promise<void> {
    const { brokers: all } = await brokers.metadata([])
    for (const broker of all) {
      const { topics } = await brokers.ask(broker, 'what topics there are', async (to) => {
        return await protocol.metadata.async(to, null, false)
      })
      const left = topics.find(({ topicId }) => ids.has(topicId))
      if (left === undefined) continue
      throw new MillraceError('store-failed', 'Kafka still knows a deleted topic', {
        retriable: true,
        facts: { topic: left.name },
      })
    }
  }

  /** Waits until every partition answers: for a moment a new leader does not know yet that it is one. */
  async function served(names: readonly string[]): Promise<void> {
    const topics = await lookUp(brokers, names)
    const asked = [...topics].map(async ([topic, led]) => {
      await findOffsets(brokers, { topic, led, partitions: [...led.leaders.keys()], at: newest })
    })
    await Promise.all(asked)
  }

  /** Asks the controller: any broker passes it on. */
  async function create(settings: readonly KafkaTopicSettings[]): Promise<void> {
    const wanted = settings.map(({ name, partitions, replication, configs }) => ({
      name,
      numPartitions: partitions,
      replicationFactor: replication,
      assignments: [],
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    }))
    const answer = await brokers.askAny('for new topics', async (to) => {
      return await protocol.createTopics.async(to, wanted, requestTimeoutMs, false)
    })
    for (const { name, errorCode, errorMessage } of answer.topics) {
      if (errorCode === protocolCode.none || errorCode === protocolCode.topicAlreadyExists) continue
      if (passes(errorCode)) throw refused('a new topic', errorCode, { topic: name })
      throw new MillraceError('configuration-invalid', `Kafka does not make ${name}: ${errorMessage ?? errorCode}`, {
        facts: { topic: name, errorCode },
      })
    }
  }

  return {
    async topics(names) {
      if (names.length === 0) return []
      const found = await patiently(async () => await lookUp(brokers, names))
      return names.flatMap((name) => {
        const topic = found.get(name)
        return topic === undefined ? [] : [{ name, id: topic.id, partitions: topic.leaders.length }]
      })
    },
    async createTopics(settings) {
      await patiently(async () => await create(settings))
      const names = settings.map(({ name }) => name)
      await patiently(async () => await known(names))
      await patiently(async () => await served(names))
    },
    async deleteTopics(names) {
      const before = await patiently(async () => await lookUp(brokers, names))
      await patiently(async () => {
        const answer = await brokers.askAny('to delete topics', async (to) => {
          return await protocol.deleteTopics.async(
            to,
            names.map((name) => ({ name })),
            requestTimeoutMs,
          )
        })
        for (const { name, errorCode } of answer.responses) {
          if (errorCode === protocolCode.none || errorCode === protocolCode.unknownTopicOrPartition) continue
          throw refused('to delete a topic', errorCode, { topic: name })
        }
      })
      await patiently(async () => await forgotten(new Set([...before.values()].map(({ id }) => id))))
    },
    async configs(names) {
      if (names.length === 0) return []
      const answer = await patiently(async () => {
        return await brokers.askAny('how topics are set', async (to) => {
          return await protocol.describeConfigs.async(
            to,
            names.map((resourceName) => ({ resourceType: topicResource, resourceName })),
          )
        })
      })
      return names.map((name) => {
        const result = answer.results.find(({ resourceName }) => resourceName === name)
        if (result === undefined || result.errorCode !== protocolCode.none) {
          throw refused('to say how a topic is set', result?.errorCode ?? -1, { topic: name })
        }
        return Object.fromEntries(result.configs.map((config) => [config.name, config.value ?? '']))
      })
    },
    async replicas(names) {
      const { topics } = await patiently(async () => await brokers.metadata(names))
      return names.map((name) => {
        const partitions = topics.find((topic) => topic.name === name)?.partitions ?? []
        return Math.min(...partitions.map(({ replicaNodes }) => replicaNodes.length))
      })
    },
    async offsets(topic) {
      return await patiently(async () => {
        const question = { topic: topic.name, led: await led(topic), partitions: partitionsOf(topic) }
        const [starts, ends] = await Promise.all([
          findOffsets(brokers, { ...question, at: oldest }),
          findOffsets(brokers, { ...question, at: newest }),
        ])
        return question.partitions.map((p) => ({ start: starts.get(p) ?? 0, end: ends.get(p) ?? 0 }))
      })
    },
    async offsetsAt(topic, timestamp) {
      return await patiently(async () => {
        const question = { topic: topic.name, led: await led(topic), partitions: partitionsOf(topic) }
        const offsets = await findOffsets(brokers, { ...question, at: Math.max(0, Math.ceil(timestamp)) })
        return question.partitions.map((p) => offsets.get(p))
      })
    },
    async deleteRecords(topic, below) {
      await patiently(async () => {
        const now = await led(topic)
        const byLeader = Map.groupBy(below, ([partition]) => leaderOf(topic.name, now, partition))
        for (const [leader, its] of byLeader) {
          const partitions = its.map(([partitionIndex, offset]) => ({ partitionIndex, offset: BigInt(offset) }))
          const answer = await brokers.ask(leader, 'to remove records', async (to) => {
            return await protocol.deleteRecords.async(to, [{ name: topic.name, partitions }], requestTimeoutMs)
          })
          for (const { partitionIndex, errorCode } of answer.topics.flatMap((each) => each.partitions)) {
            if (errorCode === protocolCode.none) continue
            throw refused('to remove records', errorCode, { topic: topic.name, partition: partitionIndex })
          }
        }
      })
    },
    close: async () => await brokers.close(),
  }
}
