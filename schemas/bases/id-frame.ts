import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { decodeSections, encodeSections, unreadable } from '../models/binary-sections.ts'

/** Item ids in the order of their numbers, or of the rows they name. */
export function encodeIdFrame(ids: readonly string[]): Uint8Array {
  return encodeSections('mr-itids', ids, [])
}

/** Reads {@link encodeIdFrame}'s bytes; throws as `decodeModel` does. */
export function decodeIdFrame(bytes: Uint8Array): readonly string[] {
  const { header } = decodeSections('mr-itids', bytes, 0)
  if (!Value.Check(Type.Array(Type.String()), header)) throw unreadable('mr-itids')
  return header
}
