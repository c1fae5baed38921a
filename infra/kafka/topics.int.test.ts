import { randomUUID } from 'node:crypto'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { topics } from '#schemas/topics.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KafkaAdmin } from './client.ts'
import type { TopicsOptions } from './topics.ts'
import { testConnection } from './broker-log.fixture.ts'
import { openKafkaEventLog } from './event-log.ts'
import { kafkaAdmin, openKafka } from './open.ts'
import { checkTopics, createTopics, topicSettings } from './topics.ts'

const kafka = testServer('kafka')
const day = 86_400_000

describe.skipIf(kafka === undefined)('Topics on Kafka', () => {
  const connection = testConnection(kafka?.brokers ?? [])
  let admin: KafkaAdmin
  let options: TopicsOptions
  beforeEach(() => {
    admin = kafkaAdmin(connection)
    options = { topicPrefix: `test-${randomUUID()}-`, partitions: 3, replication: 1, minInSync: 1 }
  })
  afterEach(async () => {
    await admin.deleteTopics(Object.values(topicSettings(options)).map(({ name }) => name))
    await admin.close()
  })

  const open = async (partitions?: number) =>
    await openKafka({
      connection,
      producer: 'platformatic',
      consumer: 'platformatic',
      compression: 'none',
      topicPrefix: options.topicPrefix,
      epoch: 1,
      clock: { now: () => 0 },
      ...(partitions !== undefined && { partitions }),
    })

  it('are made by several processes at once, as they must be', async () => {
    const made = await Promise.all(
      [admin, kafkaAdmin(connection), kafkaAdmin(connection)].map(async (each) => {
        const names = await createTopics(each, options)
        if (each !== admin) await each.close()
        return names
      }),
    )
    expect(new Set(made.flat())).toEqual(new Set(Object.keys(topics).map((topic) => options.topicPrefix + topic)))
    expect(await checkTopics(admin, options)).toEqual([])
    expect(await createTopics(admin, options)).toEqual([])
    const [items, interactions, notices] = await admin.configs(
      ['items', 'interactions', 'user-notices'].map((topic) => options.topicPrefix + topic),
    )
    expect(items).toMatchObject({ 'cleanup.policy': 'compact', 'min.compaction.lag.ms': `${30 * day}` })
    expect(interactions).toMatchObject({ 'cleanup.policy': 'delete', 'retention.ms': '-1' })
    expect(notices).toMatchObject({ 'retention.ms': `${14 * day}`, 'unclean.leader.election.enable': 'false' })
  })

  it('that are missing or set otherwise are reported, each setting by its name', async () => {
    const wanted = topicSettings(options)
    const { interactions, models, items, ...others } = wanted
    await admin.createTopics([
      ...Object.values(others),
      { ...interactions, configs: { ...interactions.configs, 'retention.ms': '1000', 'cleanup.policy': 'compact' } },
      { ...items, partitions: 2 },
    ])
    expect(await checkTopics(admin, { ...options, minInSync: 2 })).toEqual(
      expect.arrayContaining([
        { topic: models.name, what: 'exists', wanted: 'yes', found: 'no' },
        { topic: items.name, what: 'partitions', wanted: '3', found: '2' },
        { topic: interactions.name, what: 'retention.ms', wanted: '-1', found: '1000' },
        { topic: interactions.name, what: 'cleanup.policy', wanted: 'delete', found: 'compact' },
        { topic: interactions.name, what: 'min.insync.replicas', wanted: '2', found: '1' },
      ]),
    )
    expect(await checkTopics(admin, { ...options, replication: 3 })).toContainEqual({
      topic: interactions.name,
      what: 'replication',
      wanted: '3',
      found: '1',
    })
  })

  it('that are missing, or have another number of partitions, are not opened', async () => {
    await expect(open()).rejects.toMatchObject({
      code: 'configuration-invalid',
      facts: { missing: Object.keys(topics) },
    })
    await createTopics(admin, options)
    await expect(open(4)).rejects.toMatchObject({
      code: 'configuration-invalid',
      facts: { topic: `${options.topicPrefix}interactions`, found: 3, partitions: 4 },
    })
    await (await open(3)).close()
  })

  it('cannot be made with more replicas than there are brokers', async () => {
    await expect(createTopics(admin, { ...options, replication: 99 })).rejects.toMatchObject({
      code: 'configuration-invalid',
    })
  })

  it('that were made anew since are not opened by whoever remembers their ids', async () => {
    await createTopics(admin, options)
    const log = await open()
    const ids = log.topicIds()
    await log.close()
    const again = async () =>
      await openKafkaEventLog({
        topicPrefix: options.topicPrefix,
        epoch: 1,
        topicIds: ids,
        clock: { now: () => 0 },
        admin,
        reader: { async *follow() {}, async close() {} },
        createProducer: async () => await Promise.reject(new Error('nothing is appended')),
      })
    expect((await again()).topicIds()).toEqual(ids)
    await admin.deleteTopics([`${options.topicPrefix}items`])
    await createTopics(admin, options)
    await expect(again()).rejects.toMatchObject({ code: 'log-went-back', facts: { before: ids.items } })
  })
})
