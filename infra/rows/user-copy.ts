import { MillraceError } from '#schemas/errors.ts'
import { unsealed } from '#schemas/fold/unsealed.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { UserFeatures } from '#schemas/ports/feature-store.ts'
import type { RowLimits } from '#schemas/settings.ts'

/** Written first: bytes of another format are not read. */
const format = 1
const headerBytes = 5

/**
 * A user's features as bytes: format, length of the head (0 for a user without a row), the head as a row, then what of
 * the history is not in the head, as one chunk.
 */
export function encodeUser(codec: Codec, features: UserFeatures | undefined, limits: RowLimits): Uint8Array {
  const head = features === undefined ? new Uint8Array() : codec.encodeRow('user-heads', { ...features.head })
  const older = features === undefined ? new Uint8Array() : encodeOlder(codec, features, limits)
  const bytes = Buffer.alloc(headerBytes + head.length + older.length)
  bytes.writeUInt8(format, 0)
  bytes.writeUInt32BE(head.length, 1)
  bytes.set(head, headerBytes)
  bytes.set(older, headerBytes + head.length)
  return bytes
}

/** Reads what {@link encodeUser} wrote; throws a MillraceError for anything else. */
export function decodeUser(codec: Codec, bytes: Uint8Array, limits: RowLimits): UserFeatures | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headLength = bytes.length < headerBytes || view.getUint8(0) !== format ? NaN : view.getUint32(1)
  if (!(headerBytes + headLength <= bytes.length)) {
    throw new MillraceError('record-unreadable', 'not a copy of a user in a format of ours')
  }
  if (headLength === 0) return undefined
  const head = codec.decodeRow('user-heads', bytes.subarray(headerBytes, headerBytes + headLength))
  if (head.count <= limits.head) return { head, history: head.recent.slice(-limits.history) }
  const { entries } = codec.decodeRow('user-chunks', bytes.subarray(headerBytes + headLength))
  return { head, history: [...entries, ...unsealed(head, limits)].slice(-limits.history) }
}

function encodeOlder(codec: Codec, { head, history }: UserFeatures, limits: RowLimits): Uint8Array {
  if (head.count <= limits.head) return new Uint8Array()
  const { epoch, partition, offset } = head
  const entries = history.slice(0, Math.max(0, history.length - unsealed(head, limits).length))
  return codec.encodeRow('user-chunks', { epoch, partition, offset, index: 0, entries })
}
