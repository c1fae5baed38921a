import type { LogRecord } from '#schemas/ports/event-log.ts'

/** Records for one partition, in order: one record batch of one produce request. */
export interface PartitionRecords {
  readonly topic: string
  readonly partition: number
  readonly records: readonly KafkaRecord[]
}

export interface KafkaRecord {
  readonly key: string
  readonly value: Uint8Array
  /** CreateTime, epoch ms. */
  readonly timestamp: number
}

/** An idempotent producer, acks=all. Its first failed send ends it: its sequence numbers are in doubt from then on. */
export interface KafkaProducer {
  /** One at a time. Resolves with the offset of the first record of each batch, in order. Rejects with a MillraceError. */
  send(batches: readonly PartitionRecords[]): Promise<readonly number[]>
  close(): Promise<void>
}

export interface Fetched {
  /** May be empty: a stretch that compaction or the broker's own marks left without records. */
  readonly records: readonly LogRecord[]
  /** Offset to go on from. */
  readonly next: number
}

export interface FetchOptions {
  readonly maxRecords: number
  readonly signal: AbortSignal
  /** Incarnation of the topic that is meant. A reader that fetches by it throws `log-went-back` when the topic has another. */
  readonly topicId?: string
  /** Nothing at or after this offset is wanted: the reader may end there, and may save itself the wait for more. */
  readonly until?: number
}

/** Reads partitions from given offsets, without a group's committed offsets. */
export interface KafkaReader {
  /** True when no record of another incarnation than `topicId` can come out; else whoever reads has to make sure. */
  readonly fetchesByTopicId?: boolean
  /**
   * Follows one partition for ever; the consumer's pace is the back-pressure. Throws `log-went-back` and `log-truncated`
   * when the broker no longer has the offset, `store-failed` (retriable) when the connection was lost or the fetching was
   * restarted: whoever cached what it had read begins anew from its checkpoint.
   */
  follow(topic: string, partition: number, offset: number, options: FetchOptions): AsyncIterable<Fetched>
  close(): Promise<void>
}

export interface KafkaOffsets {
  /** Offset of the oldest record kept. */
  readonly start: number
  /** Offset after the last record that is durable and of no open transaction. */
  readonly end: number
}

export interface KafkaTopic {
  readonly name: string
  /** Unique for each incarnation of a topic: a topic deleted and created again has another. */
  readonly id: string
  readonly partitions: number
}

/** What a topic is made with. */
export interface KafkaTopicSettings {
  readonly name: string
  readonly partitions: number
  readonly replication: number
  /** By Kafka's names. */
  readonly configs: Readonly<Record<string, string>>
}

/** Asks and changes what is not records. Throws `store-failed` (retriable) when no broker answers. */
export interface KafkaAdmin {
  /** Those of the names that exist. */
  topics(names: readonly string[]): Promise<readonly KafkaTopic[]>
  /** Makes topics and waits until every broker knows them and every partition answers. One that is there already stays as it is. */
  createTopics(settings: readonly KafkaTopicSettings[]): Promise<void>
  /** Deletes those that are there and waits until every broker has forgotten them: who makes them anew finds no old one. */
  deleteTopics(names: readonly string[]): Promise<void>
  /** Settings of each topic in force, by name, in the order asked for. */
  configs(names: readonly string[]): Promise<readonly Readonly<Record<string, string>>[]>
  /** Replicas of each topic, in the order asked for. */
  replicas(names: readonly string[]): Promise<readonly number[]>
  /** Bounds of every partition, in order. Throws `log-went-back` when the topic is gone or has another id. */
  offsets(topic: KafkaTopic): Promise<readonly KafkaOffsets[]>
  /** Of every partition the offset of the first record at or after a time, epoch ms; undefined where there is none. */
  offsetsAt(topic: KafkaTopic, timestamp: number): Promise<readonly (number | undefined)[]>
  /** Removes from each partition given what lies below its offset. */
  deleteRecords(topic: KafkaTopic, below: ReadonlyMap<number, number>): Promise<void>
  close(): Promise<void>
}

/** Compression of record batches; the broker keeps them so. */
export type KafkaCompression = 'none' | 'lz4' | 'zstd'

/** Settings of one broker cluster connection, the same for every client library. */
export interface KafkaConnection {
  /** `host:port` of brokers to begin with. */
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly tls?: KafkaTls
  readonly sasl?: KafkaSasl
}

/** PEM texts. */
export interface KafkaTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface KafkaSasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}
