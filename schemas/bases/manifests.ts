import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { type BlobKind, decodeSections, encodeSections, unreadable } from '../models/binary-sections.ts'

const Digests = Type.Array(Type.String())
const Positions = Type.Array(
  Type.Object({ epoch: Type.Integer(), partition: Type.Integer(), offset: Type.Integer({ minimum: 0 }) }),
)

const ItemBase = Type.Object({
  /** The rows generation it was made from. */
  rows: Type.String(),
  /** Number of items: their ids, in the blobs `ids`, are their numbers' meaning. */
  count: Type.Integer({ minimum: 0 }),
  /**
   * Next record of every partition from which the tails go on. Taken before anything was encoded, so what changed
   * meanwhile is met again.
   */
  positions: Type.Object({ 'item-notices': Positions, 'item-vectors': Positions }),
  /** Digests of the blobs that hold it, each of frames. */
  ids: Digests,
  items: Digests,
  vectors: Digests,
})

/** What a serving instance knew of all items, in pieces. */
export type ItemBase = Static<typeof ItemBase>

const GraphBase = Type.Object({
  /** Model version. */
  version: Type.String(),
  /** As the index calls it that wrote the pieces. */
  format: Type.String(),
  dimension: Type.Integer({ minimum: 1 }),
  rows: Type.Integer({ minimum: 0 }),
  /** Digests of the blobs: ids of the rows in frames, vectors as little-endian float32, the index's own pieces. */
  ids: Digests,
  vectors: Digests,
  pieces: Digests,
})

/** The base of a vector index, in pieces. */
export type GraphBase = Static<typeof GraphBase>

export function encodeItemBase(base: ItemBase): Uint8Array {
  return encodeSections('mr-ibase', base, [])
}

/** Throws as `decodeModel` does. */
export function decodeItemBase(bytes: Uint8Array): ItemBase {
  return decoded('mr-ibase', ItemBase, bytes)
}

export function encodeGraphBase(base: GraphBase): Uint8Array {
  return encodeSections('mr-graph', base, [])
}

/** Throws as `decodeModel` does. */
export function decodeGraphBase(bytes: Uint8Array): GraphBase {
  return decoded('mr-graph', GraphBase, bytes)
}

function decoded<S extends TSchema>(kind: BlobKind, schema: S, bytes: Uint8Array): Static<S> {
  const { header } = decodeSections(kind, bytes, 0)
  if (!Value.Check(schema, header)) throw unreadable(kind)
  return header
}
