import { expect, test } from 'vitest'
import { commonSpace, embeddingOf, embeddingSimilarity, unitVector } from './embedding.ts'

const clip = (...embedding: number[]) => ({ embedding, embeddingName: 'clip' })

test('a vector without a name is of the default space; one without a direction is none', () => {
  expect(embeddingOf({ embedding: [1, 2], embeddingName: null })).toEqual({
    name: 'default',
    dimension: 2,
    vector: [1, 2],
  })
  expect(embeddingOf({ embedding: null, embeddingName: null })).toBeUndefined()
  expect(embeddingOf(clip(0, -0))).toBeUndefined()
})

test('a unit vector has length 1 also where squares overflow or vanish', () => {
  for (const size of [1e-300, 1, 1e300])
    expect([...unitVector({ vector: [3 * size, -4 * size] })].map((v) => v.toFixed(6))).toEqual([
      '0.600000',
      '-0.800000',
    ])
})

test('likeness is the cosine within a space, and 0 across', () => {
  expect(embeddingSimilarity(clip(1, 0), clip(5, 5))).toBeCloseTo(Math.SQRT1_2, 6)
  expect(embeddingSimilarity(clip(1, 0), clip(-2, 0))).toBeCloseTo(-1, 6)
  expect(embeddingSimilarity(clip(1, 0), { embedding: [1, 0], embeddingName: 'text' })).toBe(0)
  expect(embeddingSimilarity(clip(1, 0), clip(1, 0, 0))).toBe(0)
})

test('the common space is that of most items, and does not depend on their order', () => {
  const items = [clip(1, 2), clip(1, 2, 3), clip(3, 4), { embedding: null, embeddingName: null }]
  expect(commonSpace(items)).toEqual({ name: 'clip', dimension: 2 })
  const even = [clip(1, 2, 3), clip(1, 2)]
  expect(commonSpace(even)).toEqual(commonSpace(even.toReversed()))
  expect(commonSpace([])).toBeUndefined()
})
