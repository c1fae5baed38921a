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

/** A base as another index of the same dimension can begin with it. */
export interface IndexBase {
  /** How `pieces` is to be read: an index that writes another format builds a base of its own instead. */
  readonly format: string
  readonly slots: Uint32Array
  /** Row-major: row i is the vector of slots[i]. */
  readonly vectors: Float32Array
  /** What was built of them, as bytes. To be read once at a time; a piece may be used until the next is asked for. */
  pieces(): AsyncIterable<Uint8Array>
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
  /** The base of now, where building it anew would take long: the same object until another base takes its place. */
  base(): IndexBase | undefined
  /** `hnsw` or `exact`: which kind of base answers. */
  kind(): 'hnsw' | 'exact'
  close(): Promise<void>
}

export type CreateVectorIndex = (options: {
  readonly dimension: number
  /** The first base, built before the promise resolves. Row i of `vectors` (row-major, length slots.length × dimension) is the vector of slots[i]. */
  readonly slots: Uint32Array
  readonly vectors: Float32Array
  /**
   * A base of before, used instead of building one. The index holds `slots` and `vectors` all the same: what is not, or
   * otherwise, in that base is in the overlay or masked. One that cannot be read is a `store-failed`.
   */
  readonly from?: IndexBase
}) => Promise<VectorIndex>
