import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeIdFrame, encodeIdFrame } from './id-frame.ts'
import { decodeItemFrame, encodeItemFrame, type BaseItem } from './item-frame.ts'
import { decodeGraphBase, decodeItemBase, encodeGraphBase, encodeItemBase } from './manifests.ts'
import { framesIn, joinFrames } from './segment.ts'
import { decodeVectorFrame, encodeVectorFrame } from './vector-frame.ts'

const number = fc.double({ noNaN: true })
const item: fc.Arbitrary<BaseItem> = fc.record({
  entry: fc.option(fc.uint8Array({ maxLength: 20 }), { nil: undefined }),
  deleted: fc.boolean(),
  statistics: fc.option(
    fc.record({
      time: number,
      fast: number,
      slow: number,
      total: fc.maxSafeNat(),
      coViews: fc.array(fc.tuple(fc.nat(1_000), fc.nat()), { maxLength: 5 }).map((pairs) => ({
        items: Uint32Array.from(pairs, ([item]) => item),
        counts: Uint32Array.from(pairs, ([, count]) => count),
      })),
    }),
    { nil: undefined },
  ),
})

const manifest = {
  rows: 'rows-1',
  count: 3,
  positions: { 'item-notices': [{ epoch: 1, partition: 0, offset: 7 }], 'item-vectors': [] },
  ids: ['a'],
  items: ['b', 'c'],
  vectors: [],
}
const graph = { version: 'v1', format: 'f', dimension: 8, rows: 2, ids: ['a'], vectors: ['b'], pieces: ['c'] }

const written = [
  { kind: 'items', bytes: encodeItemFrame({ first: 0, items: [] }), decode: decodeItemFrame },
  { kind: 'ids', bytes: encodeIdFrame(['a']), decode: decodeIdFrame },
  {
    kind: 'vectors',
    bytes: encodeVectorFrame({ version: 'v', dimension: 1, items: Uint32Array.of(1), vectors: Float32Array.of(2) }),
    decode: decodeVectorFrame,
  },
  { kind: 'item base', bytes: encodeItemBase(manifest), decode: decodeItemBase },
  { kind: 'graph base', bytes: encodeGraphBase(graph), decode: decodeGraphBase },
]

describe('The pieces of a base', () => {
  it('come back as they were, items of any kind', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(item, { maxLength: 8 }), (first, items) => {
        expect(decodeItemFrame(encodeItemFrame({ first, items }))).toEqual({ first, items })
      }),
    )
  })

  it('come back as they were, ids, vectors and manifests', () => {
    expect(decodeIdFrame(encodeIdFrame(['', 'ü 🎬', '"']))).toEqual(['', 'ü 🎬', '"'])
    const vectors = { version: 'v1', dimension: 2, items: Uint32Array.of(4, 0), vectors: Float32Array.of(1, 2, 3, 4) }
    expect(decodeVectorFrame(encodeVectorFrame(vectors))).toEqual(vectors)
    expect(decodeItemBase(encodeItemBase(manifest))).toEqual(manifest)
    expect(decodeGraphBase(encodeGraphBase(graph))).toEqual(graph)
  })

  it.each(written)('$kind: are refused when cut, changed or of another kind', ({ bytes, decode }) => {
    const changed = bytes.slice()
    changed[changed.length - 1]! ^= 1
    for (const broken of [bytes.subarray(0, -8), bytes.subarray(0, 5), changed]) {
      expect(() => decode(broken)).toThrow(expect.objectContaining({ code: 'record-unreadable' }))
    }
    for (const other of written.filter((one) => one.decode !== decode)) {
      expect(() => other.decode(bytes)).toThrow('The bytes are not a whole')
    }
  })

  it('are laid together as frames and found again, unless the segment is cut', () => {
    const frames = [Uint8Array.of(1, 2, 3), new Uint8Array(), Uint8Array.of(4)]
    const segment = joinFrames(frames)
    expect([...framesIn(segment)]).toEqual(frames)
    expect([...framesIn(joinFrames([]))]).toEqual([])
    for (const cut of [1, 4, 12]) {
      expect(() => [...framesIn(segment.subarray(0, -cut))]).toThrow(
        expect.objectContaining({ code: 'record-unreadable' }),
      )
    }
  })

  it('keep a catalogue row of no bytes apart from none', () => {
    const items = [new Uint8Array(), undefined].map((entry) => ({ entry, deleted: false, statistics: undefined }))
    expect(decodeItemFrame(encodeItemFrame({ first: 0, items })).items).toEqual(items)
  })
})
