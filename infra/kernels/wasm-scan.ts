import { scanTopK, topK, type ScanTopK } from '#schemas/math/top-k.ts'
import { dot, multiplyRow } from '#schemas/math/vector.ts'
import { workspaceOf, type Workspace } from '#schemas/math/workspace.ts'
import { kernelsOn, type Kernels } from './kernel-module.ts'

/**
 * `scanTopK` of schemas/math/top-k.ts with the same answer to the bit: all rows are scored in f32, and those that may be
 * among the best, given how far f32 can be off, are scored again as there. It takes vectors in a workspace whose reach is
 * given, of a dimension that is a multiple of 8 and of lengths whose products float32 can hold; any others are left to the twin.
 */
export function wasmScan(module: WebAssembly.Module): ScanTopK {
  const scanners = new WeakMap<Workspace, Scanner>()

  return (query, vectors, count, k, skip, reach) => {
    const space = workspaceOf(vectors)
    if (space === undefined || reach === undefined || !(reach[0]! < 1e15) || query.length % 8 !== 0 || k < 1) {
      return scanTopK(query, vectors, count, k, skip, reach)
    }
    let scanner = scanners.get(space)
    if (scanner === undefined || scanner.query.length !== query.length) {
      scanner = scannerOn(module, space, query.length)
      scanners.set(space, scanner)
    }
    return rescored(query, vectors, likely(scanner, query, vectors, count, k, reach, skip), k)
  }
}

interface Scanner {
  readonly kernels: Kernels
  readonly query: Float32Array
  readonly scores: Float32Array
}

/** Rows scored at once: they and their scores stay in the second-level cache, and a scan may end between them. */
const rowsAtOnce = 256

function scannerOn(module: WebAssembly.Module, space: Workspace, dimension: number): Scanner {
  const query = space.floats(dimension)
  return { kernels: kernelsOn(module, space.memory), query, scores: space.floats(rowsAtOnce) }
}

/**
 * Every row whose score may be among the k largest, ascending. With s the score in f32 and e the most that it can be off,
 * e = (d + 4)·2⁻²⁴·|x||y| for d products (Higham 2002, section 3.1), the k-th largest true score is at least the k-th
 * largest s − e, so that no row with s below that by 2e is among them.
 */
function likely(
  { kernels, query: own, scores }: Scanner,
  query: Float32Array,
  vectors: Float32Array,
  count: number,
  k: number,
  reach: Float64Array,
  skip?: Uint8Array,
): Uint32Array {
  own.set(query)
  const length = Math.sqrt(dot(query, 0, query, 0, query.length)) * (1 + 1e-6)
  const slack = 2 * (query.length + 4) * 2 ** -24 * length * reach[0]!
  const best = new Float32Array(k).fill(-Infinity)
  const rows: number[] = []
  const found: number[] = []
  let least = -Infinity
  for (let first = 0; first < count; first += rowsAtOnce) {
    if (length * reach[first]! < least) break
    const end = Math.min(count, first + rowsAtOnce)
    kernels.scoreRows(
      scores.byteOffset,
      vectors.byteOffset + first * query.length * 4,
      end - first,
      own.byteOffset,
      query.length,
    )
    for (let row = first; row < end; row++) {
      const score = scores[row - first]!
      if (!(score >= least) || (skip !== undefined && skip[row] !== 0)) continue
      rows.push(row)
      found.push(score)
      if (score > best[0]!) {
        replaceLeast(best, score)
        least = best[0]! - slack
      }
    }
  }
  return Uint32Array.from(rows.filter((_, i) => found[i]! >= least))
}

function rescored(query: Float32Array, vectors: Float32Array, rows: Uint32Array, k: number) {
  const point = Float64Array.from(query)
  const scores = Float32Array.from(rows, (row) => multiplyRow(vectors, row, point))
  const best = topK(scores, scores.length, k)
  return { rows: best.map((at) => rows[at]!), scores: Float32Array.from(best, (at) => scores[at]!) }
}

/** Replaces the root of a binary heap, its least number, and moves the newcomer down past what is less. */
function replaceLeast(heap: Float32Array, score: number): void {
  let at = 0
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++
    if (heap[child]! >= score) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = score
}
