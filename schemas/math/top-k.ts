import { dotDouble, multiplyRows } from './vector.ts'

/** Indices of the `k` largest of the first `count` scores, best first; equal scores by lower index. NaN is never chosen. */
export function topK(scores: Float32Array, count: number, k: number): Uint32Array {
  const best = emptySelection(Math.min(k, count))
  for (let row = 0; row < count; row++) offer(best, row, scores[row]!)
  return ranked(best).rows
}

export interface ScanResult {
  readonly rows: Uint32Array
  readonly scores: Float32Array
}

/** {@link scanTopK}, or what answers alike to the bit. */
export type ScanTopK = typeof scanTopK

/** Rows scored before they are offered: their scores, and the rows themselves, stay in the first-level cache. */
const rowsAtOnce = 64

/** By how much a rounded score can exceed the product of the lengths, generously. */
const rounding = 1 + 1e-6

/**
 * Exact maximum-inner-product search: the `k` of `count` row-major vectors with the largest inner product with `query`,
 * best first; equal scores by lower row. Rows with skip[row] ≠ 0 are passed over.
 *
 * reach[row] is at least the length of every vector from that row on ({@link reachOf}). With it the scan ends where no
 * row can be better than the worst that is kept, since x·y ≤ |x||y| (Cauchy–Schwarz): early where long vectors come
 * first, as those of popular items are. What is found is the same with and without it. Vectors must not change while scans
 * are given their reach: a faster scan keeps what it made of them by it.
 */
export function scanTopK(
  query: Float32Array,
  vectors: Float32Array,
  count: number,
  k: number,
  skip?: Uint8Array,
  reach?: Float64Array,
): ScanResult {
  const point = Float64Array.from(query)
  const length = Math.sqrt(dotDouble(point, 0, point, 0, point.length)) * rounding
  const best = emptySelection(Math.min(k, count))
  const scores = new Float32Array(rowsAtOnce)
  for (let first = 0; first < count; first += rowsAtOnce) {
    // Lengths that are not numbers end nothing.
    if (reach !== undefined && best.size === best.rows.length && length * reach[first]! <= best.scores[0]!) break
    const end = Math.min(count, first + rowsAtOnce)
    multiplyRows(scores, vectors, first, end, point)
    for (let row = first; row < end; row++) {
      if (skip === undefined || skip[row] === 0) offer(best, row, scores[row - first]!)
    }
  }
  return ranked(best)
}

/** For each of the rows the largest of its length and those of the rows after it. */
export function reachOf(lengths: Float64Array): Float64Array {
  const reach = lengths.slice()
  for (let row = reach.length - 2; row >= 0; row--) reach[row] = Math.max(reach[row]!, reach[row + 1]!)
  return reach
}

/** A binary heap whose root is the worst of what is kept: the lowest score, of equal ones the highest row. */
interface Selection {
  size: number
  readonly rows: Uint32Array
  readonly scores: Float32Array
}

function emptySelection(capacity: number): Selection {
  const length = Math.max(0, Math.trunc(capacity))
  return { size: 0, rows: new Uint32Array(length), scores: new Float32Array(length) }
}

/** Rows must be offered in ascending order: so a full heap need not look at rows to settle ties. */
function offer(best: Selection, row: number, score: number): void {
  const capacity = best.rows.length
  if (best.size < capacity) {
    if (!Number.isNaN(score)) rise(best, row, score)
  } else if (score > best.scores[0]!) {
    sink(best, row, score, capacity)
  }
}

function isWorse(best: Selection, at: number, row: number, score: number): boolean {
  const other = best.scores[at]!
  return other < score || (other === score && best.rows[at]! > row)
}

/** Adds an entry at the end and moves it up past what is better than it. */
function rise(best: Selection, row: number, score: number): void {
  const { rows, scores } = best
  let at = best.size++
  while (at > 0) {
    const parent = (at - 1) >>> 1
    if (isWorse(best, parent, row, score)) break
    rows[at] = rows[parent]!
    scores[at] = scores[parent]!
    at = parent
  }
  rows[at] = row
  scores[at] = score
}

/** Replaces the root among the first `size` entries and moves the newcomer down past what is worse than it. */
function sink(best: Selection, row: number, score: number, size: number): void {
  const { rows, scores } = best
  let at = 0
  for (let child = 1; child < size; child = 2 * at + 1) {
    if (child + 1 < size && isWorse(best, child + 1, rows[child]!, scores[child]!)) child++
    if (!isWorse(best, child, row, score)) break
    rows[at] = rows[child]!
    scores[at] = scores[child]!
    at = child
  }
  rows[at] = row
  scores[at] = score
}

/** Sorts the heap in place: the worst moves to the end, again and again. */
function ranked(best: Selection): ScanResult {
  const { rows, scores, size } = best
  for (let last = size - 1; last > 0; last--) {
    const row = rows[last]!
    const score = scores[last]!
    rows[last] = rows[0]!
    scores[last] = scores[0]!
    sink(best, row, score, last)
  }
  return { rows: rows.subarray(0, size), scores: scores.subarray(0, size) }
}
