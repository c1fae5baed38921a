import type { Item } from '../events/catalogue.ts'
import { hash32 } from '../math/hash.ts'
import type { SparseVector } from '../math/sparse-rows.ts'
import { embeddingOf, isSameSpace, unitVector } from './embedding.ts'
import type { ContentSpace, Model } from './model.ts'
import { attributeTerms, normalised, wordsOf } from './terms.ts'

/** Places of the hashed terms; part of a model's format. */
export const contentDimension = 4_096

/** Terms are weighed by a finer hash than they are placed by, so that a rare one does not borrow the weight of a frequent one. */
export const termBuckets = 65_536

export const plainContent: ContentSpace = { termWeights: new Float32Array(0), embedding: null }

/** Columns of the features: the hashed terms, then the item's own vector. */
export function contentColumns({ embedding }: ContentSpace): number {
  return contentDimension + (embedding?.dimension ?? 0)
}

/**
 * What an item says of itself as a sparse vector: title words, categories, tags and attributes, hashed to place and sign
 * (Weinberger et al. 2009) and weighed; each field has its share however many terms it has, and the terms together have
 * length 1. After them, at length 1, the item's own vector where it lies in the model's space.
 */
export function contentFeatures(item: Item, space: ContentSpace): SparseVector {
  const sums = new Map<number, number>()
  for (const [field, terms] of contentTerms(item)) {
    const weight = fieldWeights[field] / Math.sqrt(terms.size)
    for (const term of terms) {
      const hash = hash32(term)
      const value = weight * weightOf(space, term) * (hash >= 0x80000000 ? -1 : 1)
      if (value !== 0) sums.set(hash % contentDimension, (sums.get(hash % contentDimension) ?? 0) + value)
    }
  }
  const entries = [...sums].filter(([, value]) => value !== 0).sort(([a], [b]) => a - b)
  const length = Math.sqrt(entries.reduce((sum, [, value]) => sum + value * value, 0))
  const own = ownVector(item, space)
  const count = entries.length
  const indices = new Uint32Array(count + own.length)
  const values = new Float32Array(count + own.length)
  for (const [i, [index, value]] of entries.entries()) {
    indices[i] = index
    values[i] = value / length
  }
  for (let i = 0; i < own.length; i++) indices[count + i] = contentDimension + i
  values.set(own, count)
  return { indices, values }
}

/** An item's vector under a model from its content alone: its features times the model's regression. */
export function contentVector(model: Pick<Model, 'content' | 'contentSpace' | 'k'>, item: Item): Float32Array {
  const { content, k } = model
  const vector = new Float32Array(k)
  // A model that was fitted without a catalogue may have no regression at all.
  if (content.length === 0) return vector
  const { indices, values } = contentFeatures(item, model.contentSpace)
  for (const [at, index] of indices.entries()) {
    for (let i = 0; i < k; i++) vector[i]! += values[at]! * content[index * k + i]!
  }
  return vector
}

/**
 * What a user's vector says for an item by its content alone, x·Wᵀf: comparable with the factor score x·y, and there for
 * every item, known or new.
 */
export function contentScore(
  model: Pick<Model, 'content' | 'contentSpace' | 'k'>,
  userVector: ArrayLike<number>,
  item: Item,
): number {
  return contentVector(model, item).reduce((sum, value, i) => sum + value * userVector[i]!, 0)
}

const fieldWeights = { title: 0.25, category: 1, tag: 0.8, attribute: 0.6 } as const

type Field = keyof typeof fieldWeights

/** The distinct terms of each field that has any, each with its field before it. */
export function contentTerms(item: Item): Map<Field, ReadonlySet<string>> {
  const fields: readonly [Field, readonly string[]][] = [
    ['title', wordsOf(item.title)],
    ['category', item.categories.map(normalised)],
    ['tag', item.tags.map(normalised)],
    ['attribute', Object.entries(item.attributes).flatMap(attributeTerms)],
  ]
  return new Map(
    fields
      .filter(([, terms]) => terms.length > 0)
      .map(([field, terms]) => [field, new Set(terms.map((term) => `${field}:${term}`))]),
  )
}

/** Where a term's weight stands. */
export function termBucket(term: string): number {
  return hash32(term, bucketSeed) % termBuckets
}

/** Other than that of the places: terms of one place are of different buckets. */
const bucketSeed = 9

function weightOf({ termWeights }: ContentSpace, term: string): number {
  return termWeights.length === 0 ? 1 : termWeights[termBucket(term)]!
}

function ownVector(item: Item, { embedding }: ContentSpace): Float32Array {
  const own = embedding === null ? undefined : embeddingOf(item)
  return own === undefined || !isSameSpace(own, embedding!) ? nothing : unitVector(own)
}

const nothing = new Float32Array(0)
