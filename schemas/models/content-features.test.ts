import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blankItem as blank } from '../events/blank.fixture.ts'
import { contentDimension, contentFeatures, contentSimilarity, contentVector } from './content-features.ts'

const alien = { ...blank, title: 'Alien (1979)', categories: ['Horror', 'Sci-Fi'] }
const aliens = { ...blank, title: 'Aliens (1986)', categories: ['Sci-Fi', 'Action'] }
const emma = { ...blank, title: 'Emma (1996)', categories: ['Comedy', 'Romance'] }

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
        const { indices, values } = contentFeatures({ ...blank, ...said })
        expect([...indices]).toEqual([...new Set(indices)].sort((a, b) => a - b))
        expect(indices.every((index) => index < contentDimension)).toBe(true)
        const length = Math.hypot(...values)
        expect(indices.length === 0 ? 1 : length).toBeCloseTo(1, 5)
      }),
    )
  })

  test('an item that says nothing has none', () => {
    expect(contentFeatures(blank).indices).toHaveLength(0)
    expect(contentSimilarity(contentFeatures(blank), contentFeatures(alien))).toBe(0)
  })

  test('similar items are those that share categories and words', () => {
    const [a, b, c] = [alien, aliens, emma].map(contentFeatures)
    expect(contentSimilarity(a!, a!)).toBeCloseTo(1, 6)
    expect(contentSimilarity(a!, b!)).toBe(contentSimilarity(b!, a!))
    expect(contentSimilarity(a!, b!)).toBeGreaterThan(contentSimilarity(a!, c!) + 0.2)
  })

  test('case, repeats and the order of terms do not count; the field of a term does', () => {
    const same = contentFeatures({ ...blank, title: 'alien 1979 ALIEN', categories: ['sci-fi', 'horror', 'Horror'] })
    expect(contentSimilarity(same, contentFeatures(alien))).toBeCloseTo(1, 6)
    const tagged = contentFeatures({ ...blank, tags: ['horror'] })
    expect(contentSimilarity(tagged, contentFeatures({ ...blank, categories: ['horror'] }))).toBe(0)
  })

  test('numbers near each other are alike, far ones are not', () => {
    const [a, b, c] = [1994, 1992, 2011].map((year) => contentFeatures({ ...blank, attributes: { year } }))
    expect(contentSimilarity(a!, b!)).toBeCloseTo(1, 6)
    expect(contentSimilarity(a!, c!)).toBeLessThan(0.6)
  })

  test('a content vector is the features times the regression', () => {
    const k = 3
    const content = Float32Array.from({ length: contentDimension * k }, (_, i) => Math.sin(i))
    const vector = contentVector({ content, k }, alien)
    const { indices, values } = contentFeatures(alien)
    for (let i = 0; i < k; i++) {
      const expected = values.reduce((sum, value, at) => sum + value * content[indices[at]! * k + i]!, 0)
      expect(vector[i]).toBeCloseTo(expected, 5)
    }
    expect([...contentVector({ content, k }, blank)]).toEqual([0, 0, 0])
  })
})
