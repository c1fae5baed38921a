import { readFileSync } from 'node:fs'
import type { CassandraOptions } from '#infra/cassandra/connect.ts'
import type { KafkaSasl } from '#infra/kafka/client.ts'
import type { KafkaOptions } from '#infra/kafka/open.ts'
import type { TopicsOptions } from '#infra/kafka/topics.ts'
import type { RedisOptions } from '#infra/redis/connect.ts'
import type { SchemaRegistryOptions } from '#infra/schema-registry/schema-registry.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { Config, ConfigKey } from './config-keys.ts'
import { partitionsOf } from './config.ts'
import { listOf } from './list-of.ts'
import { foldersOf, type ModelStoresOrder } from './model-stores.ts'

/** PEM texts of the configured files; undefined fields where none is configured. */
export interface TlsTexts {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** Throws `configuration-invalid` for a file that cannot be read. */
export function tlsTextsOf(config: Config): TlsTexts {
  return {
    ...(config.tlsCaFile !== '' && { ca: textOf('tlsCaFile', config.tlsCaFile) }),
    ...(config.tlsCertFile !== '' && { cert: textOf('tlsCertFile', config.tlsCertFile) }),
    ...(config.tlsKeyFile !== '' && { key: textOf('tlsKeyFile', config.tlsKeyFile) }),
  }
}

/** Comma-separated entries; throws `configuration-invalid` when there is none. */
export function entriesOf(key: ConfigKey, text: string): [string, ...string[]] {
  const [first, ...rest] = listOf(text)
  if (first === undefined) throw configurationInvalid(key, 'must name at least one')
  return [first, ...rest]
}

/** The value as one of those allowed. Throws `configuration-invalid`. */
export function choiceOf<T extends string>(key: ConfigKey, value: string, allowed: readonly T[]): T {
  const found = allowed.find((choice) => choice === value)
  if (found !== undefined) return found
  throw configurationInvalid(key, `must be one of ${allowed.join(', ')}, not "${value}"`)
}

export function configurationInvalid(key: ConfigKey, reason: string, cause?: unknown): MillraceError {
  return new MillraceError('configuration-invalid', `${key} ${reason}`, { facts: { key }, cause })
}

function textOf(key: ConfigKey, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw configurationInvalid(key, `names a file that cannot be read: ${file}`, error)
  }
}

export function topicsOptionsOf(config: Config): TopicsOptions {
  return {
    topicPrefix: config.topicPrefix,
    partitions: partitionsOf(config),
    replication: config.kafkaReplication,
    minInSync: config.kafkaMinInSync,
  }
}

export function kafkaOptionsOf(config: Config, name: string): Omit<KafkaOptions, 'clock' | 'metrics'> {
  return {
    connection: {
      brokers: entriesOf('kafkaBrokers', config.kafkaBrokers),
      clientId: `millrace-${name}`,
      ...(config.kafkaTls && { tls: tlsTextsOf(config) }),
      ...(config.kafkaSaslMechanism !== '' && { sasl: saslOf(config) }),
    },
    producer: choiceOf('kafkaProducer', config.kafkaProducer, ['platformatic', 'kafkajs']),
    consumer: choiceOf('kafkaConsumer', config.kafkaConsumer, ['platformatic', 'kafkajs']),
    compression: choiceOf('kafkaCompression', config.kafkaCompression, ['none', 'lz4', 'zstd']),
    topicPrefix: config.topicPrefix,
    epoch: config.epoch,
    partitions: partitionsOf(config),
  }
}

function saslOf({ kafkaSaslMechanism, kafkaUser, kafkaPassword }: Config): KafkaSasl {
  return {
    mechanism: choiceOf('kafkaSaslMechanism', kafkaSaslMechanism, ['plain', 'scram-sha-256', 'scram-sha-512']),
    username: kafkaUser,
    password: kafkaPassword,
  }
}

export function cassandraOptionsOf(config: Config): CassandraOptions {
  return {
    contactPoints: entriesOf('cassandraContactPoints', config.cassandraContactPoints),
    datacenter: config.cassandraDatacenter,
    keyspace: config.cassandraKeyspace,
    replication: config.cassandraReplication,
    ...loginOf(config.cassandraUser, config.cassandraPassword),
    ...(config.cassandraTls && { tls: tlsTextsOf(config) }),
  }
}

export function redisOptionsOf(config: Config): RedisOptions {
  const urls = entriesOf('redisUrls', config.redisUrls)
  return {
    urls,
    mode: choiceOf('redisMode', config.redisMode, ['single', 'sentinel', 'cluster']),
    sentinelName: config.redisSentinelName,
    prefix: config.redisPrefix,
    ...loginOf(config.redisUser, config.redisPassword),
    ...(urls.some((url) => url.startsWith('rediss:')) && { tls: tlsTextsOf(config) }),
  }
}

export function registryOptionsOf(config: Config): SchemaRegistryOptions {
  return {
    url: config.schemaRegistryUrl,
    topicPrefix: config.topicPrefix,
    ...loginOf(config.schemaRegistryUser, config.schemaRegistryPassword),
    ...(config.schemaRegistryUrl.startsWith('https:') && { tls: tlsTextsOf(config) }),
  }
}

export function modelStoresOf(config: Config): ModelStoresOrder {
  switch (choiceOf('blobStore', config.blobStore, ['folder', 's3'])) {
    case 'folder':
      return foldersOf(config.dataDir)
    case 's3':
      return {
        type: 's3',
        options: {
          bucket: config.s3Bucket,
          region: config.s3Region,
          prefix: config.s3Prefix,
          ...(config.s3Endpoint !== '' && { endpoint: config.s3Endpoint }),
          ...(config.s3Endpoint.startsWith('https:') && { tls: tlsTextsOf(config) }),
          ...(config.s3AccessKeyId !== '' && {
            accessKeyId: config.s3AccessKeyId,
            secretAccessKey: config.s3SecretAccessKey,
          }),
        },
      }
  }
}

function loginOf(user: string, password: string): { readonly user?: string; readonly password?: string } {
  return { ...(user !== '' && { user }), ...(password !== '' && { password }) }
}
