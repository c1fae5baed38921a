import { expect, it } from 'vitest'
import { blankItem } from '#schemas/events/blank.fixture.ts'
import { exactIndex } from '#schemas/ports/exact-index.fixture.ts'
import type { CreateVectorIndex } from '#schemas/ports/vector-index.ts'
import { embeddings } from './embeddings.ts'

const item = (embedding: number[] | null, embeddingName: string | null = null) => ({
  ...blankItem,
  embedding,
  embeddingName,
})

/** Scans what it holds; says what it was opened with. */
function world() {
  const opened: { readonly dimension: number; readonly slots: readonly number[] }[] = []
  const gate = Promise.withResolvers<void>()
  const reported: unknown[] = []
  const createIndex: CreateVectorIndex = async (first) => {
    opened.push({ dimension: first.dimension, slots: [...first.slots] })
    await gate.promise
    return exactIndex(first)
  }
  const report = (error: unknown) => void reported.push(error)
  return { own: embeddings({ createIndex, isBefore: (a, b) => a < b, report }), opened, gate, reported }
}

it('Items are near by their own vectors within a space, never across', async () => {
  const { own, opened, gate } = world()
  own.set(0, item([1, 0, 0], 'clip'))
  own.set(1, item([10, 1, 0], 'clip'))
  own.set(2, item([0, 1, 0], 'clip'))
  own.set(3, item([1, 0, 0], 'text'))
  own.set(4, item([1, 0], 'clip'))
  own.set(5, item(null))
  own.start()
  gate.resolve()
  await own.settled()
  expect(opened).toEqual([
    { dimension: 3, slots: [0, 1, 2] },
    { dimension: 3, slots: [3] },
    { dimension: 2, slots: [4] },
  ])
  expect(own.neighbours(0).map(({ slot }) => slot)).toEqual([1])
  expect(own.similarity(0, 1)).toBeCloseTo(10 / Math.sqrt(101), 6)
  expect([own.similarity(0, 2), own.similarity(0, 3), own.similarity(0, 4), own.similarity(0, 5)]).toEqual([0, 0, 0, 0])
  expect(own.neighbours(5)).toEqual([])
})

it('What changes while an index is being made is in it afterwards, also the first of a new space', async () => {
  const { own, gate } = world()
  own.set(0, item([1, 0]))
  own.set(1, item([1, 0.1]))
  own.start()
  await Promise.resolve()
  own.set(1, undefined)
  own.set(2, item([1, 0.2]))
  own.set(7, item([1, 1, 1], 'late'))
  expect(own.neighbours(0)).toEqual([])
  gate.resolve()
  await own.settled()
  expect(own.neighbours(0).map(({ slot }) => slot)).toEqual([2])
  own.set(8, item([1, 1, 0], 'late'))
  expect(own.neighbours(7).map(({ slot }) => slot)).toEqual([8])
  expect(own.indexes()).toHaveLength(2)
})

it('An item that moves to another space leaves the one before', async () => {
  const { own, gate } = world()
  gate.resolve()
  own.start()
  own.set(0, item([1, 0]))
  own.set(1, item([1, 0]))
  await own.settled()
  expect(own.neighbours(0).map(({ slot }) => slot)).toEqual([1])
  own.set(1, item([1, 0], 'other'))
  await own.settled()
  expect(own.neighbours(0)).toEqual([])
  expect(own.similarity(0, 1)).toBe(0)
})

it('An index that cannot be made is reported, and nobody is found by it', async () => {
  const { own, gate, reported } = world()
  own.set(0, item([1, 0]))
  own.start()
  gate.reject(new Error('no memory'))
  await own.settled()
  expect(own.neighbours(0)).toEqual([])
  expect(reported).toEqual([expect.objectContaining({ message: 'no memory' })])
  await own.stop()
})
