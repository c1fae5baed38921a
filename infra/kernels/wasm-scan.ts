import { scanTopK, topK, type ScanTopK } from '#schemas/math/top-k.ts'
import { dot, multiplyChosenRows } from '#schemas/math/vector.ts'
import { workspaceOf, type Workspace } from '#schemas/math/workspace.ts'
import { kernelsOn, type Kernels } from './kernel-module.ts'
import { mostQuantised, quantisedRows, type QuantisedRows } from './quantised-rows.ts'

/**
 * `scanTopK` of schemas/math/top-k.ts with the same answer to the bit: all rows are scored in f32, or as int8 where their
 * reach is given and they therefore never change; those that may be among the best, given how far the scores can be off,
 * are scored again as there. It takes 64 vectors or more in a workspace, of lengths whose products float32 can hold; any
 * others are left to the twin.
 */
export function wasmScan(module: WebAssembly.Module, options: { readonly quantise?: boolean } = {}): ScanTopK {
  const { quantise = true } = options
  const scanners = new WeakMap<Workspace, Scanner>()
  const quantised = new WeakMap<Float64Array, QuantisedRows>()

  return (query, vectors, count, k, skip, reach) => {
    const space = workspaceOf(vectors)
    const dimension = query.length
    if (space === undefined || count < fewest || k < 1 || dimension === 0) {
      return scanTopK(query, vectors, count, k, skip, reach)
    }
    const scanner = scannerOf(space, dimension)
    const longest =
      reach === undefined
        ? Math.sqrt(scanner.kernels.longestSquared(vectors.byteOffset, count, dimension)) * (1 + 1e-4) + shortest
        : reach[0]!
    if (!(longest < mostLength)) return scanTopK(query, vectors, count, k, skip, reach)
    const length = Math.sqrt(dot(query, 0, query, 0, dimension)) * (1 + 1e-6)
    scanner.query.set(query)
    const rows = { query, length, vectors, count, k, skip, reach, longest }
    const isPlain = length > leastLength && length < mostLength
    const bytes = reach === undefined || !isPlain ? undefined : bytesOf(scanner, vectors, reach)
    bytes?.begin(query, length)
    return rescored(query, vectors, likely(scanner, rows, bytes), k)
  }

  function scannerOf(space: Workspace, dimension: number): Scanner {
    const known = scanners.get(space)
    if (known !== undefined && known.query.length === dimension) return known
    const made = {
      space,
      kernels: kernelsOn(module, space.memory),
      query: space.floats(dimension),
      scores: space.floats(rowsAtOnce),
      chosen: space.integers(rowsAtOnce),
    }
    scanners.set(space, made)
    return made
  }

  function bytesOf(
    { space, kernels, query }: Scanner,
    vectors: Float32Array,
    reach: Float64Array,
  ): QuantisedRows | undefined {
    const k = query.length
    if (!quantise || k > mostQuantised || vectors.byteLength > mostBytes) return undefined
    const known = quantised.get(reach)
    if (known !== undefined) return known
    const made = quantisedRows({ space, kernels, vectors, reach, k, rowsAtOnce })
    quantised.set(reach, made)
    return made
  }
}

/** Products of longer vectors might exceed float32; those of a shorter query with int8 might be too small for it. */
const mostLength = 1e15
const leastLength = 1e-6

/** The squares of shorter vectors are lost in float32. */
const shortest = 1e-17

/** More leave no room for a copy in their workspace. */
const mostBytes = 3 * 2 ** 30

interface Scanner {
  readonly space: Workspace
  readonly kernels: Kernels
  readonly query: Float32Array
  readonly scores: Float32Array
  /** Places in `scores`. */
  readonly chosen: Uint32Array
}

/** Below it the twin has answered before a kernel is set up. */
const fewest = 64

/** Rows scored at once: they and their scores stay in the second-level cache, and a scan may end between them. */
const rowsAtOnce = 256

interface Scan {
  readonly query: Float32Array
  /** Of the query, or a little more. */
  readonly length: number
  readonly vectors: Float32Array
  readonly count: number
  readonly k: number
  readonly skip: Uint8Array | undefined
  readonly reach: Float64Array | undefined
  /** No vector is longer. */
  readonly longest: number
}

/**
 * Every row whose score may be among the k largest, ascending. With s a row's score and e the most that it can be off, the
 * k-th largest true score is at least the k-th largest s − e, so that no row with s + e below that is among them. In f32,
 * e = (d + 4)·2⁻²⁴·|x||y| for d products (Higham 2002, section 3.1).
 */
function likely(
  { kernels, query: own, scores, chosen }: Scanner,
  { length, vectors, count, k, skip, reach, longest }: Scan,
  bytes: QuantisedRows | undefined,
): Uint32Array {
  const dimension = own.length
  const best = new Float64Array(k).fill(-Infinity)
  const rows: number[] = []
  const highest: number[] = []
  for (let first = 0; first < count; first += rowsAtOnce) {
    const reached = reach === undefined ? longest : reach[first]!
    if (length * reached < best[0]!) break
    const block = Math.min(rowsAtOnce, count - first)
    let off = (dimension + 4) * 2 ** -24 * length * reached
    if (bytes?.has(first) === true) {
      off += bytes.score(first, block, scores)
    } else {
      const from = vectors.byteOffset + first * dimension * 4
      kernels.scoreRows(scores.byteOffset, from, block, own.byteOffset, dimension)
    }
    let least = best[0]! - off
    // A little less: rounded to float32 it may not exclude what it should not.
    const bound = least - Math.abs(least) * 2 ** -22 - 2 ** -120
    const reaching = kernels.atLeast(chosen.byteOffset, scores.byteOffset, block, bound)
    for (let i = 0; i < reaching; i++) {
      const at = chosen[i]!
      const score = scores[at]!
      if (at >= block || score < least || (skip !== undefined && skip[first + at] !== 0)) continue
      rows.push(first + at)
      highest.push(score + off)
      if (score - off > best[0]!) {
        replaceLeast(best, score - off)
        least = best[0]! - off
      }
    }
  }
  return Uint32Array.from(rows.filter((_, i) => highest[i]! >= best[0]!))
}

function rescored(query: Float32Array, vectors: Float32Array, rows: Uint32Array, k: number) {
  const scores = multiplyChosenRows(vectors, rows, new Float64Array(query))
  const best = topK(scores, scores.length, k)
  return { rows: best.map((at) => rows[at]!), scores: Float32Array.from(best, (at) => scores[at]!) }
}

/** Replaces the root of a binary heap, its least number, and moves the newcomer down past what is less. */
function replaceLeast(heap: Float64Array, score: number): void {
  let at = 0
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++
    if (heap[child]! >= score) break
    heap[at] = heap[child]!
    at = child
  }
  heap[at] = score
}
