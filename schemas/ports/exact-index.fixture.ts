import { scanTopK } from '../math/top-k.ts'
import type { CreateVectorIndex } from './vector-index.ts'

/** The port's specification: every search is a full scan. */
export const exactIndex: CreateVectorIndex = async ({ dimension, slots, vectors }) => {
  const held = new Map<number, Float32Array>()
  slots.forEach((slot, row) => held.set(slot, vectors.slice(row * dimension, (row + 1) * dimension)))
  const search = (query: Float32Array, k: number) => {
    const order = [...held.keys()].sort((a, b) => a - b)
    const rows = Float32Array.from(order.flatMap((slot) => [...held.get(slot)!]))
    const found = scanTopK(query, rows, order.length, k)
    return { slots: found.rows.map((row) => order[row]!), scores: found.scores }
  }
  return {
    dimension,
    upsert: (slot, vector) => void held.set(slot, vector),
    remove: (slot) => void held.delete(slot),
    search,
    searchExact: search,
    rebuild: async () => {},
    base: () => undefined,
    size: () => ({ base: 0, overlay: held.size, masked: 0 }),
    kind: () => 'exact',
    close: async () => {},
  }
}
