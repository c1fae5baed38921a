import type { Workspace } from '#schemas/math/workspace.ts'

/** Where one fold-in lies, and what is computed of it. */
export interface FoldInSlot {
  /** Whose fold-in it is now. */
  owner: symbol | undefined
  /** width × width: the Cholesky factor. */
  readonly l: Float64Array
  readonly x: Float64Array
  /** A query. */
  readonly z: Float64Array
  /** Four queries side by side, and what comes of them. */
  readonly room: Float64Array
  readonly squares: Float64Array
  readonly queries: Float32Array
  readonly panel: Float64Array
  /** The history in f64, as it is and weighed. */
  readonly y: Float64Array
  readonly weighted: Float64Array
  readonly vectors: Float32Array
  readonly values: Float32Array
  /** To each of four queries, one behind the other. */
  readonly contributions: Float32Array
}

const slotsKept = 8
const fewestEntries = 64

/** Gives the slots out in turn, each large enough for a history of `count` vectors of `width` numbers. */
export function foldInSlots(space: Workspace): (width: number, count: number) => FoldInSlot {
  const slots: (FoldInSlot | undefined)[] = Array.from({ length: slotsKept }, () => undefined)
  let next = 0

  return (width, count) => {
    const at = next
    next = (next + 1) % slotsKept
    const old = slots[at]
    if (old !== undefined && old.x.length === width && old.values.length >= count) return old
    if (old !== undefined) release(old)
    const made = slotOf(width, Math.max(fewestEntries, 2 ** Math.ceil(Math.log2(Math.max(1, count)))))
    slots[at] = made
    return made
  }

  function slotOf(width: number, entries: number): FoldInSlot {
    return {
      owner: undefined,
      l: space.doubles(width * width),
      x: space.doubles(width),
      z: space.doubles(width),
      room: space.doubles(4 * width),
      squares: space.doubles(8),
      queries: space.floats(4 * width),
      panel: space.doubles(4 * width),
      y: space.doubles(width * entries),
      weighted: space.doubles(width * entries),
      vectors: space.floats(width * entries),
      values: space.floats(entries),
      contributions: space.floats(4 * entries),
    }
  }

  function release(slot: FoldInSlot): void {
    slot.owner = undefined
    const { owner: _, ...arrays } = slot
    for (const array of Object.values(arrays)) space.release(array)
  }
}
