import { plainConfidence } from './preference.ts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isMillraceError } from '../errors.ts'
import { encodeSections } from './binary-sections.ts'
import { decodeTopLists, encodeTopLists } from './lists-blob.ts'
import { decodeModel, decodingModel, encodeModel } from './model-blob.ts'
import { contentDimension, plainContent, termBuckets } from './content-features.ts'
import type { Model, TopLists } from './model.ts'
import { profileColumns } from './profile-features.ts'

const model: Model = {
  version: '2026-01-02T03:04:05Z-7',
  k: 2,
  alpha0: 0.1,
  lambda: 0.01,
  nu: 1,
  ...plainConfidence,
  items: 3,
  users: 5,
  gramian: Float64Array.of(1, 2, 3, 4.5),
  userGramian: Float64Array.of(-1, 2, 3, 1e-300),
  itemIds: ['a', 'ünïcode 🎬', ''],
  itemFactors: Float32Array.of(1, 2, 3, 4, 5, 6.5),
  itemCounts: Uint32Array.of(1, 0, 4_000_000_000),
  neighbours: {
    rows: 3,
    columns: 3,
    starts: Uint32Array.of(0, 2, 2, 3),
    indices: Uint32Array.of(1, 2, 0),
    values: Float32Array.of(0.5, -0.25, 1),
  },
  contentSpace: { termWeights: new Float32Array(termBuckets).fill(0.5), embedding: { name: 'clip', dimension: 3 } },
  content: Float32Array.from({ length: (contentDimension + 3) * 2 }, (_, i) => i),
  profile: Float32Array.from({ length: profileColumns * 2 }, (_, i) => -i),
}

const lists: TopLists = {
  version: 'v1',
  users: new Map([
    ['u1', ['b', 'a']],
    ['u2', []],
  ]),
  categories: new Map([['drama', ['a', 'c', 'b']]]),
}

/** Without the large parts: whatever may happen to each of its bytes is tried. */
const small: Model = {
  ...model,
  contentSpace: plainContent,
  content: new Float32Array(0),
  profile: new Float32Array(0),
}

const blobs = [
  { kind: 'model', bytes: encodeModel(small), decode: decodeModel },
  { kind: 'lists', bytes: encodeTopLists(lists), decode: decodeTopLists },
]

describe('blobs', () => {
  test('a model comes back as it was', () => {
    expect(decodeModel(encodeModel(model))).toEqual(model)
    const empty: Model = {
      ...model,
      itemIds: [],
      itemFactors: new Float32Array(0),
      itemCounts: new Uint32Array(0),
      neighbours: undefined,
      contentSpace: plainContent,
      content: new Float32Array(0),
      profile: new Float32Array(0),
    }
    expect(decodeModel(encodeModel(empty))).toEqual(empty)
  })

  test('a model of before terms were weighed and profiles fitted is read without them', () => {
    const { contentSpace: _, profile: __, neighbours: ___, ...old } = small
    const { gramian, userGramian, itemFactors, itemCounts, content, ...header } = old
    const bytes = encodeSections('mr-model', header, [gramian, userGramian, itemFactors, itemCounts, content])
    expect(decodeModel(bytes)).toEqual({ ...small, neighbours: undefined })
  })

  test('a model that names its items in its header is read, and one that names anything else there is not', () => {
    const { contentSpace, gramian, userGramian, itemFactors, itemCounts, content, profile, ...rest } = model
    const { neighbours: _, ...header } = rest
    const arrays = [gramian, userGramian, itemFactors, itemCounts, content, contentSpace.termWeights, profile]
    const embedding = contentSpace.embedding === null ? {} : { embedding: contentSpace.embedding }
    const read = decodeModel(encodeSections('mr-model', { ...header, ...embedding }, arrays))
    expect(read).toEqual({ ...model, neighbours: undefined })
    for (const itemIds of [undefined, 'ab', [...model.itemIds.slice(1), 7]]) {
      const bytes = encodeSections('mr-model', { ...header, ...embedding, itemIds }, arrays)
      expect(codeOf(() => decodeModel(bytes))).toBe('record-unreadable')
    }
  })

  test('a model of many items is read in pieces', () => {
    const ids = Array.from({ length: 20_000 }, (_, n) => `item ${n}`)
    const large: Model = {
      ...small,
      itemIds: ids,
      itemFactors: new Float32Array(ids.length * small.k).fill(0.5),
      itemCounts: new Uint32Array(ids.length),
      neighbours: undefined,
    }
    const work = decodingModel(encodeModel(large))
    let pieces = 0
    let step = work.next()
    for (; step.done !== true; step = work.next()) pieces++
    expect(step.value).toEqual(large)
    expect(pieces).toBeGreaterThan(5)
  })

  test('lists come back as they were', () => {
    expect(decodeTopLists(encodeTopLists(lists))).toEqual(lists)
    const empty = { version: '', users: new Map(), categories: new Map() }
    expect(decodeTopLists(encodeTopLists(empty))).toEqual(empty)
  })

  test.each([3, 8])('are read from any place in a larger buffer, such as %d', (place) => {
    const bytes = encodeModel(model)
    const larger = new Uint8Array(bytes.length + place)
    larger.set(bytes, place)
    expect(decodeModel(larger.subarray(place))).toEqual(model)
  })

  test('equal models give equal bytes', () => {
    expect(encodeModel(structuredClone(model))).toEqual(encodeModel(model))
  })

  test.each(blobs)('a cut $kind blob is unreadable', ({ bytes, decode }) => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decode(bytes.subarray(0, length))).toThrow(expect.objectContaining({ code: 'record-unreadable' }))
    }
  })

  test.each(blobs)('a $kind blob with any one byte changed is refused', ({ bytes, decode }) => {
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = bytes.slice()
        changed[at]! ^= change
        expect(codeOf(() => decode(changed))).toMatch(/record-unreadable|format-unsupported/)
      }),
      { numRuns: 500 },
    )
  })

  test('one kind is not taken for the other', () => {
    expect(codeOf(() => decodeModel(encodeTopLists(lists)))).toBe('record-unreadable')
    expect(codeOf(() => decodeTopLists(encodeModel(model)))).toBe('record-unreadable')
  })

  test('a model whose arrays do not fit each other is unreadable', () => {
    expect(codeOf(() => decodeModel(encodeModel({ ...model, itemIds: ['a'] })))).toBe('record-unreadable')
    expect(codeOf(() => decodeModel(encodeModel({ ...model, gramian: new Float64Array(3) })))).toBe('record-unreadable')
    const parts = { content: new Float32Array(4), profile: new Float32Array(4) }
    for (const [name, array] of Object.entries(parts)) {
      expect(codeOf(() => decodeModel(encodeModel({ ...model, [name]: array })))).toBe('record-unreadable')
    }
  })
})

function codeOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (isMillraceError(error)) return error.code
    throw error
  }
  return 'readable'
}
