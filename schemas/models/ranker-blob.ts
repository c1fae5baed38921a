import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { decodeSections, encodeSections, unreadable } from './binary-sections.ts'
import { rankerDimension, rankerFeatures, type Ranker } from './ranker.ts'

/** A ranker as bytes: equal rankers give equal bytes. */
export function encodeRanker({ settings, state, examples }: Ranker): Uint8Array {
  const header: Header = { settings: { ...settings }, examples, features: [...rankerFeatures] }
  return encodeSections('mr-ranks', header, [state.z, state.n])
}

/**
 * Reads {@link encodeRanker}'s bytes. Undefined for a ranker over other features than this release has: the fixed blend
 * ranks until the next refit. Throws as `decodeSections`.
 */
export function decodeRanker(bytes: Uint8Array): Ranker | undefined {
  const { header, sections } = decodeSections('mr-ranks', bytes, 2)
  if (!Value.Check(Header, header)) throw unreadable('mr-ranks')
  const { settings, examples, features } = header
  if (features.join() !== rankerFeatures.join()) return undefined
  const [z, n] = sections.map(
    ({ buffer, byteOffset, byteLength }) => new Float64Array(buffer, byteOffset, byteLength / 8),
  )
  if (z?.length !== rankerDimension || n?.length !== rankerDimension) throw unreadable('mr-ranks')
  return { settings, examples, state: { z, n } }
}

const Header = Type.Object({
  settings: Type.Object({ alpha: Type.Number(), beta: Type.Number(), l1: Type.Number(), l2: Type.Number() }),
  examples: Type.Integer({ minimum: 0 }),
  features: Type.Array(Type.String()),
})
type Header = Static<typeof Header>
