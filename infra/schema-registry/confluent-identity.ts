import { MillraceError } from '#schemas/errors.ts'
import type { OtherSchema, WriterIdentity } from '#schemas/ports/writer-identity.ts'
import type { TopicName } from '#schemas/topics.ts'

const magic = 0

/**
 * The Confluent wire format: a byte of 0, then the id of the schema in four bytes, big-endian. `foreign` answers the
 * schema of an id that none of our versions has, or throws.
 */
export function confluentIdentity(
  registered: ReadonlyMap<TopicName, readonly number[]>,
  foreign: (topic: string, id: number) => OtherSchema,
): WriterIdentity {
  const ids = new Map<string, readonly number[]>(registered)
  return {
    length: 5,
    write(topic, version, into) {
      const id = ids.get(topic)?.[version - 1]
      if (id === undefined) throw new MillraceError('broken-invariant', `${topic} ${version} was never registered`)
      into[0] = magic
      new DataView(into.buffer, into.byteOffset).setInt32(1, id)
    },
    read(topic, bytes) {
      if (bytes[0] !== magic || bytes.length < 5) {
        throw new MillraceError('record-unreadable', `not a record of ${topic}: no schema id before it`, {
          facts: { subject: topic },
        })
      }
      const id = new DataView(bytes.buffer, bytes.byteOffset).getInt32(1)
      // The newest version has most of the records.
      const version = (ids.get(topic)?.lastIndexOf(id) ?? -1) + 1
      return version > 0 ? version : foreign(topic, id)
    },
  }
}
