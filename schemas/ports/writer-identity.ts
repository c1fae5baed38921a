import type { AvroJson } from '../avro/schema.ts'

/**
 * How bytes say which schema they were written with. Events on a log that other programs read carry the Confluent
 * header in place of ours.
 */
export interface WriterIdentity {
  /** Bytes it takes before the Avro binary. */
  readonly length: number
  write(subject: string, version: number, into: Uint8Array): void
  /**
   * The number of one of our versions, or a schema that is none of them. Throws `record-unreadable` when the bytes
   * carry no identity, `schema-unknown` when it is of no version we know: retriable while it is being looked up.
   */
  read(subject: string, bytes: Uint8Array): number | OtherSchema
}

/** A schema of another program, or of a newer release. The same object every time: readers are kept by it. */
export interface OtherSchema {
  readonly json: AvroJson
  /**
   * What a record is whose schema cannot be read into our shape: `schema-unknown` where it belongs to the topic, since
   * then a newer release may have written it; else `record-unreadable`.
   */
  readonly unfit: 'schema-unknown' | 'record-unreadable'
}
