import { bareClient, type BareRecord } from '#infra/kafka/bare-client.fixture.ts'
import { createTopics } from '#infra/kafka/topics.ts'
import { kafkaAdmin, kafkaClients, openKafka, type KafkaClientName } from '#infra/kafka/open.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { seededRandom } from '#schemas/math/random.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import { kafkaOptionsOf, topicsOptionsOf } from '../../app/cluster-options.ts'
import type { Config } from '../../app/config-keys.ts'
import type { Measure } from '../bench.ts'
import { rate, short } from '../figures.ts'
import { inFlight } from '../in-flight.ts'
import { untilTaken } from './world.ts'

const sizes = { partitions: 8, valueBytes: 200, batch: 2_000, adapterAppend: 500, width: 8, rounds: 3 }
const leastRatio = 0.9

/** Records a second, the best of the rounds: what disturbs a round only ever slows it. */
interface Rates {
  append: number
  bareAppend: number
  bareManyAppend: number
  read: number
  bareRead: number
}

/** What our log costs above the client library it stands on: appends and reads of the same records, in turns. */
export async function kafkaMeasures(config: Config, records: number, seed: number): Promise<Measure[]> {
  const own = { ...config, partitions: sizes.partitions, topicPrefix: 'adapter.' }
  const admin = kafkaAdmin(kafkaOptionsOf(own, 'bench').connection)
  await untilTaken(() => createTopics(admin, topicsOptionsOf(own)))
  const measures: Measure[] = []
  for (const client of kafkaClients) {
    const bareTopic = `bare-${client}`
    const topic = { name: bareTopic, partitions: sizes.partitions, replication: 1, configs: {} }
    await untilTaken(() => admin.createTopics([topic]))
    const found = await ratesOf({ config: own, bareTopic }, client, someRecords(records, seed))
    measures.push(...measuresOf(client, config, found))
  }
  await admin.close()
  return measures
}

async function ratesOf(
  { config, bareTopic }: { readonly config: Config; readonly bareTopic: string },
  client: KafkaClientName,
  records: readonly BareRecord[],
): Promise<Rates> {
  const best: Rates = { append: 0, bareAppend: 0, bareManyAppend: 0, read: 0, bareRead: 0 }
  const count = records.length
  const options = kafkaOptionsOf(config, 'bench')
  const bare = bareClient(client, { brokers: options.connection.brokers, topic: bareTopic })
  const log = await openKafka({ ...options, producer: client, consumer: client, clock: systemClock() })
  try {
    await log.append('interactions', records.slice(0, 1))
    for (let round = 0; round < sizes.rounds; round++) {
      const batches = batchesOf(records, sizes.batch)
      keepBest(best, 'bareAppend', count / (await bare.produce(batches, 1)))
      keepBest(best, 'append', await appendRate(log, records))
      keepBest(best, 'bareManyAppend', count / (await bare.produce(batches, 4)))
    }
    for (let round = 0; round < sizes.rounds; round++) {
      keepBest(best, 'bareRead', count / (await bare.consume(count, `bare-${client}-${round}`)))
      keepBest(best, 'read', await readRate(log, count))
    }
    return best
  } finally {
    await log.close()
  }
}

async function appendRate(log: EventLog, records: readonly BareRecord[]): Promise<number> {
  const batches = batchesOf(records, sizes.adapterAppend)
  const { seconds } = await inFlight(sizes.width, batches.length, async (i) => {
    await log.append('interactions', batches[i]!)
  })
  return records.length / seconds
}

/** All partitions at once, until so many records are read; from the first on. */
async function readRate(log: EventLog, count: number): Promise<number> {
  const stopping = new AbortController()
  const { signal } = stopping
  let [began, seen] = [0, 0]
  const bounds = await log.bounds('interactions')
  await Promise.all(
    bounds.map(async ({ epoch, partition, start }) => {
      for await (const read of log.read(
        'interactions',
        { epoch, partition, offset: start },
        { maxRecords: 1_000, signal },
      )) {
        if (seen === 0) began = performance.now()
        seen += read.length
        if (seen >= count) stopping.abort()
      }
    }),
  )
  return seen / ((performance.now() - began) / 1000)
}

function keepBest(best: Rates, name: keyof Rates, found: number): void {
  best[name] = Math.max(best[name], found)
}

function someRecords(count: number, seed: number): BareRecord[] {
  const random = seededRandom(seed)
  const value = new Uint8Array(sizes.valueBytes).map(() => random() * 256)
  return Array.from({ length: count }, () => ({ key: `user-${Math.floor(random() * 100_000)}`, value }))
}

function batchesOf(records: readonly BareRecord[], size: number): BareRecord[][] {
  return Array.from({ length: Math.ceil(records.length / size) }, (_, i) => records.slice(i * size, (i + 1) * size))
}

function measuresOf(client: KafkaClientName, config: Config, found: Rates): Measure[] {
  const isDefault = (key: 'kafkaProducer' | 'kafkaConsumer') => (config[key] === client ? ', the default' : '')
  const appendRatio = found.append / found.bareAppend
  const readRatio = found.read / found.bareRead
  const goal = (ratio: number) => ({ says: `≥ ${leastRatio} × bare`, met: ratio >= leastRatio })
  return [
    {
      what: `Kafka log by ${client}${isDefault('kafkaProducer')}: appends of ${sizes.adapterAppend} × ${sizes.valueBytes} B, ${sizes.width} under way`,
      measured: rate(found.append, 1),
      goal: goal(appendRatio),
      beside: `bare idempotent producer, sends of ${sizes.batch} one after another ${rate(found.bareAppend, 1)}, ratio ${short(appendRatio)}; not idempotent, 4 under way ${rate(found.bareManyAppend, 1)}`,
    },
    {
      what: `Kafka log by ${client}${isDefault('kafkaConsumer')}: reads of all partitions at once`,
      measured: rate(found.read, 1),
      goal: goal(readRatio),
      beside: `bare consumer ${rate(found.bareRead, 1)}, ratio ${short(readRatio)}`,
    },
  ]
}
