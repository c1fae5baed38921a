import { MillraceError } from '#schemas/errors.ts'

/**
 * How bytes say which schema they were written with. Events on a log that other programs read carry the Confluent
 * header in place of ours.
 */
export interface WriterIdentity {
  /** Bytes it takes before the Avro binary. */
  readonly length: number
  write(subject: string, version: number, into: Uint8Array): void
  /** Throws `record-unreadable` when the bytes carry no identity, `schema-unknown` when it is of no version we know. */
  read(subject: string, bytes: Uint8Array): number
}

const magic = 0x4d

/** A magic byte and the version of the topic's or table's own schema in one byte. */
export const embeddedIdentity: WriterIdentity = {
  length: 2,
  write(_subject, version, into) {
    into[0] = magic
    into[1] = version
  },
  read(subject, bytes) {
    const version = bytes[1]
    if (bytes[0] !== magic || version === undefined) {
      throw new MillraceError('record-unreadable', `not a record of ${subject}: no schema version`, {
        facts: { subject },
      })
    }
    return version
  },
}
