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
}

/** Reads partitions from given offsets, without a group's committed offsets. */
export interface KafkaReader {
  /**
   * Follows one partition for ever; the consumer's pace is the back-pressure. Throws `log-went-back` and `log-truncated`
   * when the broker no longer has the offset, `store-failed` (retriable) when the connection was lost or the fetching was
   * restarted: whoever cached what it had read begins anew from its checkpoint.
   */
  follow(topic: string, partition: number, offset: number, options: FetchOptions): AsyncIterable<Fetched>
  close(): Promise<void>
}

export interface KafkaOffsets {
  readonly start: number
  readonly end: number
}

export interface KafkaTopic {
  readonly name: string
  /** Unique for each incarnation of a topic: a topic deleted and created again has another. */
  readonly id: string
  readonly partitions: number
}

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
