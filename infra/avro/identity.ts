import { MillraceError } from '#schemas/errors.ts'
import type { WriterIdentity } from '#schemas/ports/writer-identity.ts'

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
