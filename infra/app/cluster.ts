import { randomBytes } from 'node:crypto'
import { avroCodec } from '#infra/avro/codec.ts'
import { cassandraClock } from '#infra/cassandra/clock.ts'
import { connectCassandra } from '#infra/cassandra/connect.ts'
import { openGeneration } from '#infra/cassandra/generations.ts'
import { migrate } from '#infra/cassandra/migrate.ts'
import { cassandraReadableTables } from '#infra/cassandra/readable-tables.ts'
import { cassandraStateStore } from '#infra/cassandra/state-store.ts'
import { rememberTopics, type TopicIdentity } from '#infra/cassandra/topic-identity.ts'
import type { KafkaEventLog } from '#infra/kafka/event-log.ts'
import { memoryRateLimiter } from '#infra/memory/rate-limiter.ts'
import { kafkaMembership } from '#infra/kafka/membership.ts'
import { redisAcceptedEvents } from '#infra/redis/accepted-events.ts'
import { redisCache } from '#infra/redis/cache.ts'
import { connectRedis } from '#infra/redis/connect.ts'
import { redisLease } from '#infra/redis/lease.ts'
import { redisRateLimiter } from '#infra/redis/rate-limiter.ts'
import { cachedFeatureStore } from '#infra/rows/cached-feature-store.ts'
import { rowFeatureStore } from '#infra/rows/feature-store.ts'
import { openSchemaRegistry } from '#infra/schema-registry/schema-registry.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import { topicNames, topics } from '#schemas/topics.ts'
import { closers, type Closers } from './closers.ts'
import { openClusterLog } from './cluster-log.ts'
import {
  cassandraOptionsOf,
  kafkaOptionsOf,
  modelStoresOf,
  redisOptionsOf,
  registryOptionsOf,
} from './cluster-options.ts'
import type { Config } from './config-keys.ts'
import { foldSettingsOf } from './config.ts'
import { rowsGeneration } from './generation.ts'
import { openModelStores } from './model-stores.ts'
import type { Parts } from './parts.ts'

export interface OpenClusterOptions {
  /** Names this process to the servers. */
  readonly name: string
  readonly metrics: Metrics
  /** Default: this machine's. */
  readonly clock?: Clock
  readonly report: (error: unknown, doing: string) => void
}

/** Connects to the servers of a cluster, and makes there what is missing. What fails to open closes what had. */
export async function openCluster(config: Config, options: OpenClusterOptions): Promise<Parts> {
  const opened = closers()
  try {
    return await connect(config, options, opened)
  } catch (error) {
    await opened.close()
    throw error
  }
}

const leaseCallMs = 2_000

async function connect(
  config: Config,
  { name, metrics, clock = systemClock() }: OpenClusterOptions,
  opened: Closers,
): Promise<Parts> {
  const settings = foldSettingsOf(config)
  const rows = `${rowsGeneration(settings)}-${config.epoch}`
  const kept = async <T extends { close(): Promise<void> | void }>(opening: Promise<T>): Promise<T> => {
    const part = await opening
    opened.add(async () => part.close())
    return part
  }
  const opening = [
    kept(openClusterLog(config, { name, clock, metrics })),
    kept(connectCassandra({ ...cassandraOptionsOf(config), metrics })),
    kept(connectRedis({ ...redisOptionsOf(config), metrics })),
    // Answers wait for the one above; leases have time, and are not left alone because copies of rows were slow.
    kept(connectRedis({ ...redisOptionsOf(config), metrics, timeoutMs: leaseCallMs })),
    openCodec(config, opened),
  ] as const
  // What came up is to be closed when another did not.
  await Promise.allSettled(opening)
  const [log, cassandra, redis, leases, codec] = await Promise.all(opening)
  await migrate(cassandra)
  await rememberTopics(cassandra, identitiesOf(config, log))
  const generation = await openGeneration(cassandra, rows)
  const store = cassandraStateStore({ cassandra, generation })
  const modelStores = modelStoresOf(config)
  return {
    config,
    settings,
    rows,
    clock,
    codec,
    log,
    store,
    features: cachedFeatureStore({
      features: rowFeatureStore({ store, codec, limits: settings.limits }),
      cache: redisCache({ connection: redis }),
      codec,
      rows: generation.id,
      limits: settings.limits,
      metrics,
    }),
    ...(await openModelStores(modelStores)),
    modelStores,
    accepted: redisAcceptedEvents({ connection: redis, metrics }),
    leases: redisLease({ connection: leases }),
    membership: kafkaMembership(kafkaOptionsOf(config, name).connection, {
      topic: `${config.topicPrefix}interactions`,
      groupPrefix: config.topicPrefix,
    }),
    limiter: redisRateLimiter({ connection: redis, local: memoryRateLimiter({ clock }), metrics }),
    ...(config.readableTables && { readable: cassandraReadableTables({ cassandra }) }),
    peerClocks: [() => cassandraClock(cassandra)],
    cursorKey: config.cursorKey === '' ? randomBytes(32).toString('base64url') : config.cursorKey,
    close: () => opened.close(),
  }
}

/** Topics that rows are folded from: their offsets are in every row. */
function identitiesOf({ epoch, topicPrefix }: Config, log: KafkaEventLog): TopicIdentity[] {
  const ids = log.topicIds()
  return topicNames
    .filter((name) => topics[name].partitions === 'source')
    .map((name) => ({ name: topicPrefix + name, epoch, id: ids[name], partitions: log.partitions(name) }))
}

async function openCodec(config: Config, opened: Closers): Promise<Codec> {
  if (config.schemaRegistryUrl === '') return avroCodec()
  const registry = await openSchemaRegistry(registryOptionsOf(config))
  opened.add(async () => registry.close())
  return avroCodec({ identity: registry.identity })
}
