import { describe, expect, it } from 'vitest'
import type { Item } from '#schemas/events/catalogue.ts'
import { seededRandom } from '#schemas/math/random.ts'
import { contentIndex, type ContentIndex } from './content-index.ts'

const words = ['alien', 'blade', 'city', 'dune', 'elephant', 'frozen', 'gravity', 'heat', 'inception', 'jaws']

describe('The content index', () => {
  it('compares many items with each other as it compares them one by one', () => {
    const random = seededRandom(1)
    const index = contentIndex()
    const slots = Array.from({ length: 60 }, (_, slot) => slot)
    for (const slot of slots) index.set(slot, itemOf(words.filter(() => random() < 0.3)))
    index.set(7, undefined)
    index.set(8, itemOf([]))
    const oneByOne = slots.map((a) => slots.map((b) => index.similarity(a, b)))
    expect(among(index, slots)).toEqual(oneByOne)
    const few = [7, 3, 59, 20]
    expect(among(index, few)).toEqual(few.map((a) => few.map((b) => oneByOne[a]![b]!)))
    expect(oneByOne[7]!.every((similarity) => similarity === 0)).toBe(true)
    expect(oneByOne.flat().filter((similarity) => similarity > 0 && similarity < 1).length).toBeGreaterThan(1_000)
  })

  it('weighs terms by how rare they are now', () => {
    const index = contentIndex()
    index.set(0, itemOf(['alien', 'heat']))
    index.set(1, itemOf(['alien', 'jaws']))
    for (let slot = 2; slot < 3_000; slot++) index.set(slot, itemOf(['dune']))
    const whileRare = index.similarity(0, 1)
    for (let slot = 2; slot < 3_000; slot++) index.set(slot, itemOf(['alien']))
    const whenCommon = index.similarity(0, 1)
    expect(whileRare).toBeGreaterThan(0.3)
    expect(whenCommon).toBeLessThan(0.1)
    expect(among(index, [0, 1])[0]![1]).toBe(whenCommon)
  })
})

function among(index: ContentIndex, slots: readonly number[]): number[][] {
  const similarities = index.among(slots)
  const target = new Float64Array(slots.length)
  return slots.map((_, place) => {
    similarities(place, target)
    return [...target]
  })
}

function itemOf(tags: readonly string[]): Item {
  return {
    title: '',
    description: null,
    categories: [],
    tags,
    attributes: {},
    price: null,
    currency: null,
    available: true,
    publishedAt: null,
    imageUrl: null,
    embedding: null,
    embeddingName: null,
  }
}
