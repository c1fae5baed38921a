/** Nearest first: slots and inner products. */
export interface Neighbours {
  readonly slots: Uint32Array
  readonly scores: Float32Array
}

export interface IndexSize {
  /** Vectors in the immutable base, and in the live overlay. */
  readonly base: number
  readonly overlay: number
  /** Base vectors hidden because they moved or are gone. */
  readonly masked: number
}

/**
 * Maximum-inner-product search over vectors named by slot, small non-negative integers that the caller hands out.
 * An immutable base plus a live overlay: changes are visible to the next search.
 */
export interface VectorIndex {
  readonly dimension: number
  upsert(slot: number, vector: Float32Array): void
  remove(slot: number): void
  /** The `k` vectors with the largest inner product; fewer when the index holds fewer. */
  search(query: Float32Array, k: number): Neighbours
  /** The same by a full scan: what recall is measured against. */
  searchExact(query: Float32Array, k: number): Neighbours
  /** Builds a new base of everything on a worker and switches to it; changes made meanwhile stay in the overlay. */
  rebuild(): Promise<void>
  size(): IndexSize
  /** `hnsw` or `exact`: which kind of base answers. */
  kind(): 'hnsw' | 'exact'
  close(): Promise<void>
}

export type CreateVectorIndex = (options: {
  readonly dimension: number
  /** The first base, built before the promise resolves. Row i of `vectors` (row-major, length slots.length × dimension) is the vector of slots[i]. */
  readonly slots: Uint32Array
  readonly vectors: Float32Array
}) => Promise<VectorIndex>
