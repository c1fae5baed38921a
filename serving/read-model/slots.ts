import { hash32 } from '#schemas/math/hash.ts'

/** Items by small integers: what indexes and scratch arrays are addressed by. A slot is never given to another item. */
export interface Slots {
  /** Slots handed out so far: they are 0 to size − 1. */
  size(): number
  /** The item's slot, a new one if it has none. */
  assign(itemId: string): number
  find(itemId: string): number | undefined
  idOf(slot: number): string
  /** 32-bit hash of the item's id: what cursors carry. */
  hashOf(slot: number): number
}

export function itemSlots(): Slots {
  const bySlot: string[] = []
  const hashes: number[] = []
  const byId = new Map<string, number>()

  return {
    size: () => bySlot.length,
    assign(itemId) {
      const known = byId.get(itemId)
      if (known !== undefined) return known
      const slot = bySlot.length
      bySlot.push(itemId)
      hashes.push(hash32(itemId))
      byId.set(itemId, slot)
      return slot
    },
    find: (itemId) => byId.get(itemId),
    idOf: (slot) => bySlot[slot] ?? '',
    hashOf: (slot) => hashes[slot] ?? 0,
  }
}
