import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { decodeSections, encodeSections, unreadable } from '../models/binary-sections.ts'

/** Streaming vectors of one model version, by the items' numbers in their base. */
export interface VectorFrame {
  readonly version: string
  readonly dimension: number
  readonly items: Uint32Array
  /** Row-major, items.length × dimension. */
  readonly vectors: Float32Array
}

export function encodeVectorFrame({ version, dimension, items, vectors }: VectorFrame): Uint8Array {
  const header: Header = { version, dimension }
  return encodeSections('mr-ivecs', header, [items, vectors])
}

/** Reads {@link encodeVectorFrame}'s bytes; throws as `decodeModel` does. */
export function decodeVectorFrame(bytes: Uint8Array): VectorFrame {
  const { header, sections } = decodeSections('mr-ivecs', bytes, 2)
  if (!Value.Check(Header, header)) throw unreadable('mr-ivecs')
  const [items, vectors] = sections
  const rows = (items?.byteLength ?? 0) / 4
  if (items === undefined || vectors?.byteLength !== 4 * rows * header.dimension) throw unreadable('mr-ivecs')
  return {
    ...header,
    items: new Uint32Array(items.buffer, items.byteOffset, rows),
    vectors: new Float32Array(vectors.buffer, vectors.byteOffset, rows * header.dimension),
  }
}

const Header = Type.Object({ version: Type.String(), dimension: Type.Integer({ minimum: 1 }) })
type Header = Static<typeof Header>
