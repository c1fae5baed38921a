import { scanTopK } from '#schemas/math/top-k.ts'
import type { CreateVectorIndex, Neighbours } from '#schemas/ports/vector-index.ts'

/** The reference: a map of vectors, all of them looked at by every search. No base is worth keeping. */
export const memoryVectorIndex: CreateVectorIndex = async ({ dimension, slots, vectors }) => {
  const held = new Map<number, Float32Array>()
  slots.forEach((slot, row) => held.set(slot, vectors.slice(row * dimension, (row + 1) * dimension)))

  return {
    dimension,
    upsert: (slot, vector) => void held.set(slot, vector.slice()),
    remove: (slot) => void held.delete(slot),
    search,
    searchExact: search,
    rebuild: () => Promise.resolve(),
    base: () => undefined,
    size: () => ({ base: held.size, overlay: 0, masked: 0 }),
    kind: () => 'exact',
    close: () => Promise.resolve(),
  }

  function search(query: Float32Array, k: number): Neighbours {
    const entries = [...held]
    const all = new Float32Array(entries.length * dimension)
    entries.forEach(([, vector], row) => all.set(vector, row * dimension))
    const { rows, scores } = scanTopK(query, all, entries.length, k)
    return { slots: rows.map((row) => entries[row]![0]), scores }
  }
}
