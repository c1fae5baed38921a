import { workspace, type Workspace } from '#schemas/math/workspace.ts'

/**
 * Vectors by slot in dense rows, so that a scan meets no gaps. Storage grows by doubling; removing moves the last row. More than
 * a few lie in a workspace, where a kernel can scan them.
 */
export interface VectorTable {
  readonly count: number
  /** Row-major, count × dimension; longer than that, and replaced as it grows. */
  readonly vectors: Float32Array
  /** Slot of each row; longer than `count`. */
  readonly slots: Uint32Array
  /** Row of a slot, -1 when absent; it changes when other slots are removed. */
  rowOf(slot: number): number
  set(slot: number, vector: Float32Array): void
  delete(slot: number): void
}

/** A readable scan is through with so many before a kernel is set up. */
const few = 64

export function vectorTable(dimension: number): VectorTable {
  const rows = new Map<number, number>()
  let slots = new Uint32Array(few)
  let vectors: Float32Array = new Float32Array(few * dimension)
  let space: Workspace | undefined

  return {
    get count() {
      return rows.size
    },
    get vectors() {
      return vectors
    },
    get slots() {
      return slots
    },
    rowOf: (slot) => rows.get(slot) ?? -1,
    set(slot, vector) {
      let row = rows.get(slot)
      if (row === undefined) {
        row = rows.size
        if (row === slots.length) grow()
        rows.set(slot, row)
        slots[row] = slot
      }
      vectors.set(vector, row * dimension)
    },
    delete(slot) {
      const row = rows.get(slot)
      if (row === undefined) return
      const last = rows.size - 1
      const moved = slots[last]!
      vectors.copyWithin(row * dimension, last * dimension, (last + 1) * dimension)
      slots[row] = moved
      rows.set(moved, row)
      rows.delete(slot)
    },
  }

  function grow(): void {
    const widerSlots = new Uint32Array(slots.length * 2)
    const own = (space ??= workspace())
    const widerVectors = own.floats(vectors.length * 2)
    widerSlots.set(slots)
    widerVectors.set(vectors)
    if (vectors.length > few * dimension) own.release(vectors)
    slots = widerSlots
    vectors = widerVectors
  }
}
