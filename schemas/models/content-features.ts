import type { AttributeValue, Item } from '../events/catalogue.ts'
import { hash32 } from '../math/hash.ts'
import type { Model } from './model.ts'

/** Dimension of the hashed features; part of a model's format. */
export const contentDimension = 4_096

/** A sparse vector of length 1 (or without entries): indices ascending below `contentDimension`. */
export interface ContentFeatures {
  readonly indices: Uint32Array
  readonly values: Float32Array
}

/**
 * What an item says of itself as a hashed sparse vector (Weinberger et al. 2009: a hash chooses place and sign): title
 * words, categories, tags and attributes. Each field has its weight however many terms it has; the whole has length 1.
 */
export function contentFeatures(item: Item): ContentFeatures {
  const sums = new Map<number, number>()
  addField(sums, 'title', 0.5, wordsOf(item.title))
  addField(sums, 'category', 1, item.categories.map(normalised))
  addField(sums, 'tag', 0.8, item.tags.map(normalised))
  addField(sums, 'attribute', 0.6, Object.entries(item.attributes).flatMap(attributeTerms))
  const entries = [...sums].filter(([, value]) => value !== 0).sort(([a], [b]) => a - b)
  const length = Math.sqrt(entries.reduce((sum, [, value]) => sum + value * value, 0))
  return {
    indices: Uint32Array.from(entries, ([index]) => index),
    values: Float32Array.from(entries, ([, value]) => value / length),
  }
}

/** An item's vector under a model from its content alone: the feature vector times the model's regression. */
export function contentVector(model: Pick<Model, 'content' | 'k'>, item: Item): Float32Array {
  const { content, k } = model
  const { indices, values } = contentFeatures(item)
  const vector = new Float32Array(k)
  for (const [at, index] of indices.entries()) {
    for (let i = 0; i < k; i++) vector[i]! += values[at]! * content[index * k + i]!
  }
  return vector
}

/** Cosine of two feature vectors; 0 where one is empty. */
export function contentSimilarity(a: ContentFeatures, b: ContentFeatures): number {
  let sum = 0
  let j = 0
  for (let i = 0; i < a.indices.length; i++) {
    while (j < b.indices.length && b.indices[j]! < a.indices[i]!) j++
    if (b.indices[j] === a.indices[i]) sum += a.values[i]! * b.values[j]!
  }
  return sum
}

function addField(sums: Map<number, number>, field: string, weight: number, terms: readonly string[]): void {
  const distinct = new Set(terms)
  for (const term of distinct) {
    const hash = hash32(`${field}:${term}`)
    const index = hash % contentDimension
    const sign = hash >= 0x80000000 ? -1 : 1
    sums.set(index, (sums.get(index) ?? 0) + (sign * weight) / Math.sqrt(distinct.size))
  }
}

function wordsOf(text: string): string[] {
  return normalised(text).match(/[\p{L}\p{N}]+/gu) ?? []
}

function normalised(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim()
}

/** Strings and booleans as they are; a number falls into a bucket of two and one of three significant digits. */
function attributeTerms([name, value]: [string, AttributeValue]): string[] {
  if (typeof value === 'number') return [`${name}~${value.toPrecision(2)}`, `${name}~${value.toPrecision(3)}`]
  return [`${name}=${normalised(String(value))}`]
}
