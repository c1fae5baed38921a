import { randomUUID } from 'node:crypto'
import { avroCodec } from '#infra/avro/codec.ts'
import { bareClient, type BareRecord } from '#infra/kafka/bare-client.fixture.ts'
import type { KafkaCompression } from '#infra/kafka/client.ts'
import type { KafkaEventLog } from '#infra/kafka/event-log.ts'
import { kafkaAdmin, kafkaClients, openKafka, type KafkaClientName } from '#infra/kafka/open.ts'
import { topicBytes } from '#infra/kafka/topic-bytes.fixture.ts'
import { createTopics, topicSettings } from '#infra/kafka/topics.ts'
import { startKafka } from '#infra/servers/kafka.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { seededRandom } from '#schemas/math/random.ts'
import type { RatedPair } from './bench-data.ts'
import type { Bench, BenchContext, Measure } from './bench.ts'
import { clientEvents } from './events.ts'
import { rate, short, whole } from './figures.ts'
import { inFlight } from './in-flight.ts'

const sizes = { records: 60_000, rounds: 5, partitions: 8, append: 500, width: 8, bareSend: 2_000 }
const least = 0.9
const compressions = ['none', 'lz4', 'zstd'] as const satisfies readonly KafkaCompression[]

export const kafkaBench: Bench = {
  name: 'kafka',
  title: 'The log on Kafka',
  question:
    'How many events a second does the log append to Kafka and read from it, by either client library and with each compression? Beside it: the library alone.',
  async run(context) {
    const given = process.env['KAFKA_BROKERS']
    if (given !== undefined) return await measureOn(given.split(','), context)
    const server = await startKafka({ dir: context.folder() })
    try {
      return await measureOn(server.brokers, context)
    } finally {
      await server.stop()
    }
  },
}

async function measureOn(brokers: readonly string[], { data, seed, say }: BenchContext) {
  const records = interactionRecords(data.pairs(), seed)
  const measures: Measure[] = []
  for (const client of kafkaClients) {
    say(`${client} beside itself alone`)
    measures.push(...(await besideBare(brokers, client, records)))
  }
  for (const compression of compressions) {
    say(`compression ${compression}`)
    measures.push(await compressed(brokers, compression, records))
  }
  const bytes = records.reduce((sum, { value }) => sum + value.byteLength, 0) / records.length
  return {
    measures,
    bound: 'the processor: broker and client share it with this bench',
    notes: [
      `Events are views as ingest encodes them, ${whole(bytes)} B each without their key, on ${sizes.partitions} partitions, acks=all of one replica. Each figure is the median of ${sizes.rounds} rounds of ${whole(sizes.records)} events, ours and the bare library's in turns after one that does not count; read is what all rounds have appended.`,
      `Ours appends in calls of ${sizes.append}, ${sizes.width} under way, of which it makes one idempotent send at a time; the bare idempotent producer sends ${whole(sizes.bareSend)} one after another, since with several under way it loses or refuses records.`,
    ],
  }
}

async function besideBare(
  brokers: readonly string[],
  client: KafkaClientName,
  records: readonly BareRecord[],
): Promise<Measure[]> {
  return await withTopics(brokers, async (topicPrefix) => {
    const log = await open(brokers, client, 'none', topicPrefix)
    // A topic of ours that the log does not touch here, with as many partitions.
    const bare = bareClient(client, { brokers, topic: `${topicPrefix}impressions` })
    const [ours, alone, wide, reads, bareReads]: number[][] = [[], [], [], [], []]
    // Read in one go: a library that fetches a megabyte of each partition has most of one round before its first record is out.
    const appended = records.length * (sizes.rounds + 1)
    for (let round = 0; round <= sizes.rounds; round++) {
      alone!.push(records.length / (await bare.produce(inBatches(records, sizes.bareSend), 1)))
      ours!.push(await appendRate(log, records))
      wide!.push(records.length / (await bare.produce(inBatches(records, sizes.bareSend), 4)))
    }
    for (let round = 0; round <= sizes.rounds; round++) {
      bareReads!.push(appended / (await bare.consume(appended, `${topicPrefix}${round}`)))
      reads!.push(await readRate(log, appended))
    }
    await log.close()
    const ratio = median(ours!) / median(alone!)
    const readRatio = median(reads!) / median(bareReads!)
    return [
      {
        what: `appended by ${client}`,
        measured: rate(median(ours!), 1),
        goal: { says: `≥ ${least} × bare`, met: ratio >= least },
        beside: `bare, idempotent ${rate(median(alone!), 1)}, ratio ${short(ratio)}; bare, not idempotent, 4 sends under way ${rate(median(wide!), 1)}`,
      },
      {
        what: `read by ${client}`,
        measured: rate(median(reads!), 1),
        goal: { says: `≥ ${least} × bare`, met: readRatio >= least },
        beside: `bare ${rate(median(bareReads!), 1)}, ratio ${short(readRatio)}`,
      },
    ]
  })
}

async function compressed(
  brokers: readonly string[],
  compression: KafkaCompression,
  records: readonly BareRecord[],
): Promise<Measure> {
  return await withTopics(brokers, async (topicPrefix) => {
    const log = await open(brokers, 'platformatic', compression, topicPrefix)
    const [appends, reads]: number[][] = [[], []]
    const began = process.cpuUsage()
    for (let round = 0; round <= sizes.rounds; round++) appends!.push(await appendRate(log, records))
    const used = process.cpuUsage(began)
    const count = records.length * (sizes.rounds + 1)
    for (let round = 0; round <= sizes.rounds; round++) reads!.push(await readRate(log, count))
    await log.close()
    const bytes = await topicBytes(brokers, `${topicPrefix}interactions`, sizes.partitions)
    const cpu = (used.user + used.system) / count
    return {
      what: `compression ${compression}, by platformatic`,
      measured: `${rate(median(appends!), 1)} appended, ${rate(median(reads!), 1)} read`,
      beside: `${short(bytes / count)} B an event on the broker, ${short(cpu)} µs of our processor to append one`,
    }
  })
}

async function withTopics<T>(brokers: readonly string[], work: (topicPrefix: string) => Promise<T>): Promise<T> {
  const topics = { topicPrefix: `bench-${randomUUID()}-`, partitions: sizes.partitions, replication: 1, minInSync: 1 }
  const admin = kafkaAdmin({ brokers, clientId: 'millrace-bench' })
  try {
    await createTopics(admin, topics)
    return await work(topics.topicPrefix)
  } finally {
    await admin.deleteTopics(Object.values(topicSettings(topics)).map(({ name }) => name))
    await admin.close()
  }
}

async function open(
  brokers: readonly string[],
  client: KafkaClientName,
  compression: KafkaCompression,
  topicPrefix: string,
): Promise<KafkaEventLog> {
  const connection = { brokers, clientId: 'millrace-bench' }
  const clients = { producer: client, consumer: client }
  return await openKafka({ connection, ...clients, compression, topicPrefix, epoch: 1, clock: systemClock() })
}

async function appendRate(log: KafkaEventLog, records: readonly BareRecord[]): Promise<number> {
  const batches = inBatches(records, sizes.append)
  const { seconds } = await inFlight(sizes.width, batches.length, async (i) => {
    await log.append('interactions', batches[i] ?? [])
  })
  return records.length / seconds
}

/** All partitions at once from their beginning, until so many are read; from the first on, as for the bare library. */
async function readRate(log: KafkaEventLog, count: number): Promise<number> {
  const enough = new AbortController()
  let [began, seen] = [0, 0]
  const all = (await log.bounds('interactions')).map(async ({ epoch, partition, start: offset }) => {
    const from = { epoch, partition, offset }
    for await (const records of log.read('interactions', from, { follow: true, signal: enough.signal })) {
      if (seen === 0) began = performance.now()
      seen += records.length
      if (seen >= count) enough.abort()
    }
  })
  await Promise.all(all)
  return seen / ((performance.now() - began) / 1000)
}

/** Events as ingest puts them on the log. */
function interactionRecords(pairs: readonly RatedPair[], seed: number): BareRecord[] {
  const codec = avroCodec()
  const random = seededRandom(seed)
  const began = Date.now()
  return clientEvents({ pairs, count: sizes.records, seed, name: 'bench' }).map((event, i) => {
    const at = began + i
    const value = codec.encodeEvent('interactions', {
      ...event,
      type: 'interaction',
      action: 'view',
      value: null,
      context: { device: random() < 0.5 ? 'phone' : 'web' },
      attribution: null,
      source: null,
      sequence: null,
      mended: false,
      occurredAt: at - Math.floor(random() * 1_000),
      acceptedAt: at,
    })
    return { key: event.userId, value }
  })
}

function inBatches(records: readonly BareRecord[], size: number): BareRecord[][] {
  return Array.from({ length: Math.ceil(records.length / size) }, (_, i) => records.slice(i * size, (i + 1) * size))
}

/** Without the first, in which code and connections get warm. */
function median(rounds: readonly number[]): number {
  const sorted = rounds.slice(1).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
