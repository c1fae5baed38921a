import type { Item } from '../events/catalogue.ts'

/** A space that items' own vectors lie in: vectors are compared within one space only. */
export interface EmbeddingSpace {
  readonly name: string
  readonly dimension: number
}

export interface Embedding extends EmbeddingSpace {
  readonly vector: readonly number[]
}

/** Name of the space of vectors that come without one. */
export const defaultSpace = 'default'

/** The item's own vector; undefined where it brought none, or one without a direction. */
export function embeddingOf({
  embedding,
  embeddingName,
}: Pick<Item, 'embedding' | 'embeddingName'>): Embedding | undefined {
  if (embedding === null || embedding.every((value) => value === 0)) return undefined
  return { name: embeddingName ?? defaultSpace, dimension: embedding.length, vector: embedding }
}

export function isSameSpace(a: EmbeddingSpace, b: EmbeddingSpace): boolean {
  return a.name === b.name && a.dimension === b.dimension
}

/** The vector at length 1. */
export function unitVector({ vector }: Pick<Embedding, 'vector'>): Float32Array {
  // By the largest first: squares of what is very large or small are not numbers any more.
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const length = Math.sqrt(vector.reduce((sum, value) => sum + (value / largest) ** 2, 0))
  return Float32Array.from(vector, (value) => value / largest / length)
}

/** Cosine of two items' own vectors, in [-1, 1]; 0 where one has none, or they lie in different spaces. */
export function embeddingSimilarity(
  a: Pick<Item, 'embedding' | 'embeddingName'>,
  b: Pick<Item, 'embedding' | 'embeddingName'>,
): number {
  const left = embeddingOf(a)
  const right = embeddingOf(b)
  if (left === undefined || right === undefined || !isSameSpace(left, right)) return 0
  const x = unitVector(left)
  const y = unitVector(right)
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0)
}

/** The space that most of the items lie in, of as many the first by name; undefined where none has a vector. */
export function commonSpace(items: Iterable<Pick<Item, 'embedding' | 'embeddingName'>>): EmbeddingSpace | undefined {
  const counts = new Map<string, { readonly space: EmbeddingSpace; items: number }>()
  for (const item of items) {
    const own = embeddingOf(item)
    if (own === undefined) continue
    const key = `${own.dimension} ${own.name}`
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { space: { name: own.name, dimension: own.dimension }, items: 1 })
    else known.items++
  }
  const [most] = [...counts].sort(([a, x], [b, y]) => y.items - x.items || (a < b ? -1 : 1))
  return most?.[1].space
}
