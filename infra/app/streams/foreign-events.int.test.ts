import { randomUUID } from 'node:crypto'
import { avroCodec } from '#infra/avro/codec.ts'
import { kafkaAdmin, kafkaClients, kafkaProducer, openKafka } from '#infra/kafka/open.ts'
import { createTopics, topicSettings } from '#infra/kafka/topics.ts'
import { memoryMetrics } from '#infra/memory/metrics.ts'
import { memoryStateStore } from '#infra/memory/state-store.ts'
import { rowFeatureStore } from '#infra/rows/feature-store.ts'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import type { InteractionsEvent } from '#schemas/events/interactions.ts'
import { interaction } from '#schemas/fold/events.fixture.ts'
import { partitionOf } from '#schemas/partition.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { interactionsProcessor } from '#stream-processors/processors/interactions.ts'
import { startProcessing } from '#stream-processors/runtime/processing.ts'
import { describe, expect, it } from 'vitest'

const kafka = testServer('kafka')
const partitions = 3

describe.skipIf(kafka === undefined).each(kafkaClients)(
  'Events that other programs put straight on Kafka, read by %s',
  (consumer) => {
    it('are counted once by their id when they are good, and put aside with position and code when not', async () => {
      const connection = { brokers: kafka?.brokers ?? [], clientId: 'millrace-test' }
      const topics = { topicPrefix: `test-${randomUUID()}-`, partitions, replication: 1, minInSync: 1 }
      const admin = kafkaAdmin(connection)
      await createTopics(admin, topics)
      const clock = systemClock()
      const log = await openKafka({
        connection,
        producer: 'platformatic',
        consumer,
        compression: 'none',
        epoch: 1,
        clock,
        ...topics,
      })
      const [codec, store, metrics] = [avroCodec(), memoryStateStore(), memoryMetrics()]
      const other = await kafkaProducer('kafkajs', connection, 'lz4')
      /** As a program without our client does: any bytes, any key, any partition. Answers with the offset. */
      const put = async (partition: number, key: string, value: Uint8Array) => {
        const topic = `${topics.topicPrefix}interactions`
        const [offset] = await other.send([{ topic, partition, records: [{ key, value, timestamp: clock.now() }] }])
        return offset
      }
      const encoded = (event: InteractionsEvent) => codec.encodeEvent('interactions', event)
      const view = (id: string, itemId: string) => interaction({ id, userId: 'ann', itemId, acceptedAt: clock.now() })
      const home = partitionOf('ann', partitions)
      const elsewhere = (home + 1) % partitions

      await put(home, 'ann', encoded(view('a', 'film')))
      const garbage = await put(home, 'ann', Uint8Array.of(1, 2, 3))
      const processing = await startProcessing(interactionsProcessor(defaultFoldSettings), {
        log,
        store,
        codec,
        metrics,
        clock,
      })
      await log.append('interactions', [{ key: 'ann', value: encoded(view('b', 'play')) }])
      await put(home, 'ann', encoded(view('a', 'film')))
      await put(home, 'ann', encoded(view('b', 'play')))
      const nobody = await put(home, 'ann', encoded(interaction({ id: 'c', userId: 'ann', itemId: '' })))
      const strayed = await put(elsewhere, 'ann', encoded(view('d', 'song')))
      const tombstone = await put(home, 'ann', new Uint8Array(0))
      await put(home, '', encoded(view('e', 'book')))
      await processing.caughtUp()
      await processing.stop()

      const ann = await rowFeatureStore({ store, codec }).user('ann')
      expect(ann?.history.map(({ id, itemId }) => [id, itemId])).toEqual([
        ['a', 'film'],
        ['b', 'play'],
        ['e', 'book'],
      ])
      const letters = []
      for (const { epoch, partition, start } of await log.bounds('dead-letters')) {
        for await (const records of log.read('dead-letters', { epoch, partition, offset: start })) {
          for (const { value } of records) letters.push(codec.decodeEvent('dead-letters', value))
        }
      }
      const summary = letters.map(({ topic, position, code }) => [topic, position.partition, position.offset, code])
      expect(new Set(summary.map((each) => each.join(' ')))).toEqual(
        new Set([
          `interactions ${home} ${garbage} record-unreadable`,
          `interactions ${home} ${nobody} invalid-input`,
          `interactions ${elsewhere} ${strayed} invalid-input`,
          `interactions ${home} ${tombstone} record-unreadable`,
        ]),
      )
      expect(summary).toHaveLength(4)
      expect(metrics.value('millrace_dead_letters_total')).toBe(4)

      await other.close()
      await log.close()
      await admin.deleteTopics(Object.values(topicSettings(topics)).map(({ name }) => name))
      await admin.close()
    })
  },
)
