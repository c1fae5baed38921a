import { setImmediate } from 'node:timers/promises'
import { reachOf } from '#schemas/math/top-k.ts'
import { dot } from '#schemas/math/vector.ts'
import { workspace } from '#schemas/math/workspace.ts'

/**
 * What a base is made of: row i of `vectors` (row-major, in a workspace) is the vector of slots[i]. Long
 * vectors come first where it was made here, as far as 1 % lets tell lengths apart: then a scan may end early.
 */
export interface Snapshot {
  readonly dimension: number
  readonly slots: Uint32Array
  readonly vectors: Float32Array
  /** The largest length from each row on. */
  readonly reach: Float64Array
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
  const copied = workspace().floats(slots.length * dimension)
  const lengths = new Float64Array(slots.length)
  let count = 0
  for (let index = 0; index < slots.length; index++) {
    if (index % slice === slice - 1) await setImmediate()
    const at = count * dimension
    if (!copy(slots[index]!, copied, at, index)) continue
    lengths[count] = Math.sqrt(dot(copied, at, copied, at, dimension))
    kept[count++] = slots[index]!
  }
  const vectors = workspace().floats(count * dimension)
  await setImmediate()
  const order = longestFirst(lengths.subarray(0, count))
  for (let row = 0; row < count; row++) {
    if (row % slice === slice - 1) await setImmediate()
    const from = order[row]!
    vectors.set(copied.subarray(from * dimension, (from + 1) * dimension), row * dimension)
  }
  const sorted = new Float64Array(count)
  for (let row = 0; row < count; row++) sorted[row] = lengths[order[row]!]!
  await setImmediate()
  return { dimension, slots: order.map((from) => kept[from]!), vectors, reach: reachOf(sorted) }
}

/** Vectors as an earlier snapshot held them, in its order. */
export async function snapshotOf(slots: Uint32Array, vectors: Float32Array, dimension: number): Promise<Snapshot> {
  const lengths = new Float64Array(slots.length)
  const own = workspace().floats(vectors.length)
  for (let row = 0; row < slots.length; row++) {
    if (row % slice === slice - 1) await setImmediate()
    const at = row * dimension
    own.set(vectors.subarray(at, at + dimension), at)
    lengths[row] = Math.sqrt(dot(own, at, own, at, dimension))
  }
  return { dimension, slots, vectors: own, reach: reachOf(lengths) }
}

/**
 * The rows by falling length, those of about the same length in their order: a counting sort, since comparing a million
 * lengths would hold up the event loop. The upper half of a positive float32 grows with it, by less than 1 % a step.
 */
function longestFirst(lengths: Float64Array): Uint32Array {
  const bits = new Uint32Array(Float32Array.from(lengths).buffer)
  const classOf = (row: number) => 0xffff - (bits[row]! >>> 16)
  const starts = new Uint32Array(0x10001)
  for (let row = 0; row < lengths.length; row++) starts[classOf(row) + 1]!++
  for (let at = 1; at < starts.length; at++) starts[at]! += starts[at - 1]!
  const order = new Uint32Array(lengths.length)
  for (let row = 0; row < lengths.length; row++) order[starts[classOf(row)]!++] = row
  return order
}
