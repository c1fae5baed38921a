import type { SparseRows } from '#schemas/ports/solver.ts'

/** Items of a history by slot, and how fresh the liking of each is; 0 or less for a dislike. */
export interface LikedSlots {
  readonly slots: Uint32Array
  readonly likes: Float32Array
}

/** What likes of single items say of others under a model, by slot. One answer is computed at a time: sums are kept until the next are made. */
export interface SlotNeighbours {
  /** Adds up what these likings say of other items; dislikes among them say nothing. */
  sum(liked: LikedSlots): void
  /** What the last sum says of an item, 0 where it says nothing. */
  of(slot: number): number
  /** The slots that the last sum says something of; valid until the next. */
  met(): Uint32Array
  /** What each of these likings adds to the sum of each target, no slot twice: a row of `liked.slots.length` for each. */
  contributions(liked: LikedSlots, targets: readonly number[]): Float32Array
}

/** `slotOfRow`: the slot of each row of the model. */
export function slotNeighbours(neighbours: SparseRows, slotOfRow: Uint32Array): SlotNeighbours {
  const { starts, indices, values } = neighbours
  const end = slotOfRow.reduce((last, slot) => Math.max(last, slot + 1), 0)
  const rowOfSlot = new Int32Array(end).fill(-1)
  for (const [row, slot] of slotOfRow.entries()) rowOfSlot[slot] = row
  const sums = new Float32Array(end)
  const isMet = new Uint8Array(end)
  const met = new Uint32Array(slotOfRow.length)
  const placeOf = new Int32Array(end).fill(-1)
  let count = 0

  /** Dislikes say nothing of others: who finds one volume of a series poor reads the next all the same. */
  function rowOf(slot: number, liking: number): number {
    return liking > 0 ? (rowOfSlot[slot] ?? -1) : -1
  }

  return {
    sum({ slots, likes }) {
      for (let i = 0; i < count; i++) {
        sums[met[i]!] = 0
        isMet[met[i]!] = 0
      }
      count = 0
      for (let i = 0; i < slots.length; i++) {
        const row = rowOf(slots[i]!, likes[i]!)
        if (row < 0) continue
        for (let at = starts[row]!; at < starts[row + 1]!; at++) {
          const slot = slotOfRow[indices[at]!]!
          if (isMet[slot] === 0) {
            isMet[slot] = 1
            met[count++] = slot
          }
          sums[slot]! += likes[i]! * values[at]!
        }
      }
    },
    of: (slot) => sums[slot] ?? 0,
    met: () => met.subarray(0, count),
    contributions({ slots, likes }, targets) {
      for (const [place, slot] of targets.entries()) placeOf[slot] = place
      const added = new Float32Array(targets.length * slots.length)
      for (let i = 0; i < slots.length; i++) {
        const row = rowOf(slots[i]!, likes[i]!)
        if (row < 0) continue
        for (let at = starts[row]!; at < starts[row + 1]!; at++) {
          const place = placeOf[slotOfRow[indices[at]!]!]!
          if (place >= 0) added[place * slots.length + i] = likes[i]! * values[at]!
        }
      }
      for (const slot of targets) placeOf[slot] = -1
      return added
    },
  }
}
