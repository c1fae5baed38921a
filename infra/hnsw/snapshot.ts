import { setImmediate } from 'node:timers/promises'

/** What a base is made of: row i of `vectors` (row-major, in memory that threads share) is the vector of slots[i]. */
export interface Snapshot {
  readonly dimension: number
  readonly slots: Uint32Array
  readonly vectors: Float32Array
}

/** Rows copied before the event loop gets its turn: well under a millisecond of copying. */
const slice = 1_000

/**
 * Copies vectors slice by slice without holding up the event loop. `copy` writes the vector of `slot` at `at` of `target`
 * and says whether there still is one; slots that have gone meanwhile are left out. What changes after its copy is the
 * caller's to remember.
 */
export async function takeSnapshot(
  dimension: number,
  slots: Uint32Array,
  copy: (slot: number, target: Float32Array, at: number, index: number) => boolean,
): Promise<Snapshot> {
  const kept = new Uint32Array(slots.length)
  const vectors = new Float32Array(new SharedArrayBuffer(slots.length * dimension * 4))
  let count = 0
  for (let index = 0; index < slots.length; index++) {
    if (index % slice === slice - 1) await setImmediate()
    const slot = slots[index]!
    if (copy(slot, vectors, count * dimension, index)) kept[count++] = slot
  }
  return { dimension, slots: kept.subarray(0, count), vectors: vectors.subarray(0, count * dimension) }
}
