import type { Item } from '#schemas/events/catalogue.ts'
import { dot } from '#schemas/math/vector.ts'
import { embeddingOf, unitVector, type EmbeddingSpace } from '#schemas/models/embedding.ts'
import type { CreateVectorIndex, VectorIndex } from '#schemas/ports/vector-index.ts'
import { neighbourLists, type Neighbour, type NeighbourLists } from './neighbour-lists.ts'

/** Items by their own vectors: each space of them has an index of its own. */
export interface Embeddings {
  /** What the item has become; undefined once it is gone. */
  set(slot: number, item: Item | undefined): void
  /** Cosine of the items' own vectors, at least 0; 0 where one has none, or they lie in different spaces. */
  similarity(a: number, b: number): number
  /** The items most alike by their own vectors, best first; none while the index of their space is being made. */
  neighbours(slot: number): readonly Neighbour[]
  /** Makes indexes from now on: of what is there, and of spaces to come. */
  start(): void
  /** Resolves once every space that was there at the call has its index. */
  settled(): Promise<void>
  indexes(): VectorIndex[]
  stop(): Promise<void>
}

interface Space {
  /** At length 1. */
  readonly vectors: Map<number, Float32Array>
  readonly lists: NeighbourLists
  index: VectorIndex | undefined
  /** Slots that changed while the index is being made. */
  missed: Set<number>
  /** Resolved where none is being made. */
  opening: Promise<void>
}

export function embeddings(options: {
  readonly createIndex: CreateVectorIndex
  /** Orders items that are alike. */
  readonly isBefore: (a: number, b: number) => boolean
  readonly report: (error: unknown, doing: string) => void
}): Embeddings {
  const spaces = new Map<string, Space>()
  const spaceOf = new Map<number, Space>()
  let isStarted = false
  let isStopped = false

  function obtain({ name, dimension }: EmbeddingSpace): Space {
    const key = `${dimension} ${name}`
    const known = spaces.get(key)
    if (known !== undefined) return known
    const made: Space = {
      vectors: new Map(),
      lists: neighbourLists({ find: (slot, most) => find(made, slot, most), similarity, isBefore: options.isBefore }),
      index: undefined,
      missed: new Set(),
      opening: Promise.resolve(),
    }
    spaces.set(key, made)
    if (isStarted) open(made, dimension)
    return made
  }

  function open(space: Space, dimension: number): void {
    space.opening = openIndex(space, dimension).catch((error: unknown) =>
      options.report(error, 'making the index of embeddings; nobody is found by them'),
    )
  }

  async function openIndex(space: Space, dimension: number): Promise<void> {
    // What is set in this turn comes along.
    await Promise.resolve()
    space.missed.clear()
    const slots = Uint32Array.from(space.vectors.keys())
    const vectors = new Float32Array(slots.length * dimension)
    for (const [row, slot] of slots.entries()) vectors.set(space.vectors.get(slot)!, row * dimension)
    const index = await options.createIndex({ dimension, slots, vectors })
    if (isStopped) return index.close()
    space.index = index
    for (const slot of space.missed) place(space, slot)
  }

  function place(space: Space, slot: number): void {
    space.lists.changed(slot)
    if (space.index === undefined) {
      space.missed.add(slot)
      return
    }
    const vector = space.vectors.get(slot)
    if (vector === undefined) space.index.remove(slot)
    else space.index.upsert(slot, vector)
  }

  function similarity(a: number, b: number): number {
    const space = spaceOf.get(a)
    if (space === undefined || space !== spaceOf.get(b)) return 0
    const [x, y] = [space.vectors.get(a)!, space.vectors.get(b)!]
    return Math.min(1, Math.max(0, dot(x, 0, y, 0, x.length)))
  }

  function find({ vectors, index }: Space, slot: number, most: number): readonly Neighbour[] {
    const near = index?.search(vectors.get(slot)!, most + 1).slots ?? []
    const others = Array.from(near, (other) => ({ slot: other, similarity: similarity(slot, other) }))
    return others.filter((other) => other.slot !== slot)
  }

  function made(): VectorIndex[] {
    return Array.from(spaces.values(), ({ index }) => index).filter((index) => index !== undefined)
  }

  return {
    set(slot, item) {
      const own = item === undefined ? undefined : embeddingOf(item)
      const before = spaceOf.get(slot)
      const space = own === undefined ? undefined : obtain(own)
      if (before !== undefined && before !== space) {
        before.vectors.delete(slot)
        spaceOf.delete(slot)
        place(before, slot)
      }
      if (own === undefined || space === undefined) return
      space.vectors.set(slot, unitVector(own))
      spaceOf.set(slot, space)
      place(space, slot)
    },
    similarity,
    neighbours(slot) {
      const space = spaceOf.get(slot)
      return space?.index === undefined ? [] : space.lists.of(slot)
    },
    start() {
      isStarted = true
      for (const [key, space] of spaces) open(space, Number(key.split(' ', 1)[0]))
    },
    async settled() {
      await Promise.all(Array.from(spaces.values(), ({ opening }) => opening))
    },
    indexes: made,
    async stop() {
      isStopped = true
      await Promise.all(Array.from(spaces.values(), ({ opening }) => opening))
      await Promise.all(made().map((index) => index.close()))
    },
  }
}
