import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blankItem as blank } from '../events/blank.fixture.ts'
import type { Item } from '../events/catalogue.ts'
import type { SparseVector } from '../math/sparse-rows.ts'
import {
  contentColumns,
  contentDimension,
  contentFeatures,
  contentScore,
  contentVector,
  plainContent,
  termBuckets,
} from './content-features.ts'
import type { ContentSpace } from './model.ts'
import { termCounts } from './term-weights.ts'

const alien = { ...blank, title: 'Alien (1979)', categories: ['Horror', 'Sci-Fi'] }
const aliens = { ...blank, title: 'Aliens (1986)', categories: ['Sci-Fi', 'Action'] }
const emma = { ...blank, title: 'Emma (1996)', categories: ['Comedy', 'Romance'] }

const clip = { name: 'clip', dimension: 3 }

function features(item: Item, space: ContentSpace = plainContent): SparseVector {
  return contentFeatures(item, space)
}

function product(a: SparseVector, b: SparseVector): number {
  return a.indices.reduce((sum, index, i) => {
    const at = b.indices.indexOf(index)
    return sum + (at === -1 ? 0 : a.values[i]! * b.values[at]!)
  }, 0)
}

describe('content features', () => {
  test('have length 1, ascending places below the dimension, and no NaN, whatever an item says', () => {
    const item = fc.record({
      title: fc.string({ unit: 'grapheme' }),
      categories: fc.array(fc.string()),
      tags: fc.array(fc.string()),
      attributes: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.boolean(), fc.double())),
    })
    fc.assert(
      fc.property(item, (said) => {
        const { indices, values } = features({ ...blank, ...said })
        expect([...indices]).toEqual([...new Set(indices)].sort((a, b) => a - b))
        expect(indices.every((index) => index < contentDimension)).toBe(true)
        const length = Math.hypot(...values)
        expect(indices.length === 0 ? 1 : length).toBeCloseTo(1, 5)
      }),
    )
  })

  test('an item that says nothing has none', () => {
    expect(features(blank).indices).toHaveLength(0)
    expect(product(features(blank), features(alien))).toBe(0)
  })

  test('similar items are those that share categories and words', () => {
    const [a, b, c] = [alien, aliens, emma].map((item) => features(item))
    expect(product(a!, a!)).toBeCloseTo(1, 6)
    expect(product(a!, b!)).toBe(product(b!, a!))
    expect(product(a!, b!)).toBeGreaterThan(product(a!, c!) + 0.2)
  })

  test('case, repeats and the order of terms do not count; the field of a term does', () => {
    const same = features({ ...blank, title: 'alien 1979 ALIEN', categories: ['sci-fi', 'horror', 'Horror'] })
    expect(product(same, features(alien))).toBeCloseTo(1, 6)
    const tagged = features({ ...blank, tags: ['horror'] })
    expect(product(tagged, features({ ...blank, categories: ['horror'] }))).toBe(0)
  })

  test('numbers near each other are alike, far ones are not', () => {
    const [a, b, c] = [1994, 1992, 2011].map((year) => features({ ...blank, attributes: { year } }))
    expect(product(a!, b!)).toBeCloseTo(1, 6)
    expect(product(a!, c!)).toBeLessThan(0.6)
  })

  test('a content vector is the features times the regression', () => {
    const k = 3
    const content = Float32Array.from({ length: contentDimension * k }, (_, i) => Math.sin(i))
    const vector = contentVector({ content, k, contentSpace: plainContent }, alien)
    const { indices, values } = features(alien)
    for (let i = 0; i < k; i++) {
      const expected = values.reduce((sum, value, at) => sum + value * content[indices[at]! * k + i]!, 0)
      expect(vector[i]).toBeCloseTo(expected, 5)
    }
    expect([...contentVector({ content, k, contentSpace: plainContent }, blank)]).toEqual([0, 0, 0])
  })

  test('weights stress some terms and pass over others, without changing the length', () => {
    const counts = termCounts()
    for (const item of [alien, aliens, emma, { ...emma, title: 'Emma (2020)' }]) counts.add(item)
    const termWeights = counts.weights({ exponent: 1, fewest: 2 })
    const space = { termWeights, embedding: null }
    expect(counts.distinct(2)).toBe(4)
    expect(termWeights.filter((weight) => weight > 0)).toHaveLength(4)
    const weighed = features(alien, space)
    expect(weighed.indices).toHaveLength(1)
    expect([...weighed.values].map(Math.abs)).toEqual([1])
    expect([...weighed.indices]).toEqual([...features({ ...blank, categories: ['sci-fi'] }).indices])
    const none = { termWeights: new Float32Array(termBuckets), embedding: null }
    expect(features(alien, none).indices).toHaveLength(0)
  })

  test("an item's own vector follows its terms at length 1, where it is of the model's space", () => {
    const space = { ...plainContent, embedding: clip }
    expect(contentColumns(space)).toBe(contentDimension + 3)
    const own = { ...alien, embedding: [0, 3e200, -4e200], embeddingName: 'clip' }
    const { indices, values } = features(own, space)
    expect(indices.slice(-3)).toEqual(Uint32Array.of(contentDimension, contentDimension + 1, contentDimension + 2))
    expect(values.at(-2)).toBeCloseTo(0.6, 6)
    expect(values.at(-1)).toBeCloseTo(-0.8, 6)
    for (const other of [
      { ...own, embeddingName: null },
      { ...own, embedding: [1, 2] },
      { ...own, embedding: [0, 0, 0] },
      { ...own, embedding: null },
    ]) {
      expect(features(other, space)).toEqual(features(alien, space))
    }
  })

  test('a content score is the product of the user and what the item says', () => {
    const content = Float32Array.from({ length: contentDimension * 2 }, (_, i) => Math.cos(i))
    const model = { content, k: 2, contentSpace: plainContent }
    const [x, y] = contentVector(model, alien)
    expect(contentScore(model, [2, -3], alien)).toBeCloseTo(2 * x! - 3 * y!, 5)
    expect(contentScore({ ...model, content: new Float32Array(0) }, [2, -3], alien)).toBeCloseTo(0)
  })
})
