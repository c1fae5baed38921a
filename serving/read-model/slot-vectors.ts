import { dot } from '#schemas/math/vector.ts'
import { workspace } from '#schemas/math/workspace.ts'

/** Vectors of one model by slot, with their norms. Slots without one are as good as zero. */
export interface SlotVectors {
  readonly k: number
  /** Row-major by slot; a longer array takes its place when slots are added, so it is not to be kept. */
  data(): Float32Array
  has(slot: number): boolean
  /** A view of the vector, for use at once; undefined when the slot has none. */
  get(slot: number): Float32Array | undefined
  set(slot: number, vector: Float32Array): void
  /** x·y; 0 for a slot without a vector. */
  product(query: Float32Array, slot: number): number
  /** Cosine of two slots' vectors; 0 where one has none. */
  cosine(a: number, b: number): number
  /** Writes the slot's vector at length 1 into `target` from `start`; zeros where it has none. */
  copyUnit(slot: number, target: Float32Array, start: number): void
}

export function slotVectors(k: number, capacity: number): SlotVectors {
  // New pages of a workspace are zero as they are met: an array of the heap would be filled at once, which takes its time.
  let data = workspace().floats(Math.max(1, capacity) * k)
  let norms = new Float32Array(Math.max(1, capacity))
  let present = new Uint8Array(Math.max(1, capacity))

  function has(slot: number): boolean {
    return present[slot] === 1
  }

  function grow(slots: number): void {
    const longer = workspace().floats(slots * k)
    longer.set(data)
    data = longer
    const longerNorms = new Float32Array(slots)
    longerNorms.set(norms)
    norms = longerNorms
    const longerPresent = new Uint8Array(slots)
    longerPresent.set(present)
    present = longerPresent
  }

  return {
    k,
    data: () => data,
    has,
    get: (slot) => (has(slot) ? data.subarray(slot * k, (slot + 1) * k) : undefined),
    set(slot, vector) {
      if (slot >= present.length) grow(Math.max(slot + 1, Math.ceil(present.length * 1.5)))
      data.set(vector, slot * k)
      norms[slot] = Math.sqrt(dot(vector, 0, vector, 0, k))
      present[slot] = 1
    },
    product: (query, slot) => (has(slot) ? dot(query, 0, data, slot * k, k) : 0),
    cosine(a, b) {
      if (!has(a) || !has(b)) return 0
      const size = norms[a]! * norms[b]!
      return size > 0 ? dot(data, a * k, data, b * k, k) / size : 0
    },
    copyUnit(slot, target, start) {
      const factor = has(slot) && norms[slot]! > 0 ? 1 / norms[slot]! : 0
      for (let i = 0; i < k; i++) target[start + i] = factor * (data[slot * k + i] ?? 0)
    },
  }
}
