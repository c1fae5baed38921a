import { topK, type ScanResult, type ScanTopK } from '#schemas/math/top-k.ts'
import { multiplyChosenRows } from '#schemas/math/vector.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { Graph } from './graph.ts'
import type { Snapshot } from './snapshot.ts'

export interface BaseLimits {
  /** A search that would ask the graph for more neighbours than this scans instead. */
  readonly asked: number
  /** So does one where a larger share of the base than this is masked. */
  readonly maskedShare: number
}

/** Vectors of one snapshot, never changed; a mask hides those that have moved or gone since. */
export interface Base extends Snapshot {
  readonly graph: Graph | undefined
  readonly masked: number
  /** Row of a slot, masked or not; -1 when the snapshot had none. */
  rowOf(slot: number): number
  isMasked(row: number): boolean
  mask(row: number, hidden: boolean): void
  /** The best `k` rows that are not masked: by the graph where there is one and it pays. */
  search(query: Float32Array, k: number): ScanResult
  scan(query: Float32Array, k: number): ScanResult
}

export function immutableBase(
  snapshot: Snapshot,
  graph: Graph | undefined,
  { limits, scanTopK }: { readonly limits: BaseLimits; readonly scanTopK: ScanTopK },
): Base {
  const { slots, vectors, reach } = snapshot
  const count = slots.length
  const rows = rowsBySlot(slots)
  const hidden = new Uint8Array(count)
  let masked = 0

  return {
    ...snapshot,
    graph,
    get masked() {
      return masked
    },
    rowOf: (slot) => rows[slot] ?? -1,
    isMasked: (row) => hidden[row] !== 0,
    mask(row, hide) {
      const after = hide ? 1 : 0
      masked += after - hidden[row]!
      hidden[row] = after
    },
    search(query, k) {
      if (graph === undefined || k >= count || masked > limits.maskedShare * count) return scan(query, k)
      const point = Array.from(query)
      let asked = k + Math.ceil((k * masked) / count)
      while (asked <= limits.asked && asked < count) {
        const found = graph.nearest(point, asked)
        const kept = found.filter((row) => hidden[row] === 0)
        if (kept.length >= k) return ranked(query, kept, k)
        if (found.length < asked) break
        asked *= 2
      }
      return scan(query, k)
    },
    scan,
  }

  function scan(query: Float32Array, k: number): ScanResult {
    return scanTopK(query, vectors, count, k, masked === 0 ? undefined : hidden, reach)
  }

  /** Scores of the graph's rows are computed again, so that they are bit for bit a scan's. */
  function ranked(query: Float32Array, found: number[], k: number): ScanResult {
    const candidates = Uint32Array.from(found).sort()
    const scores = multiplyChosenRows(vectors, candidates, new Float64Array(query))
    const best = topK(scores, scores.length, k)
    return { rows: best.map((at) => candidates[at]!), scores: Float32Array.from(best, (at) => scores[at]!) }
  }
}

function rowsBySlot(slots: Uint32Array): Int32Array {
  const highest = slots.reduce((high, slot) => Math.max(high, slot), -1)
  const rows = new Int32Array(highest + 1).fill(-1)
  for (let row = 0; row < slots.length; row++) {
    const slot = slots[row]!
    if (rows[slot] !== -1) throw new MillraceError('broken-invariant', 'A slot is given twice', { facts: { slot } })
    rows[slot] = row
  }
  return rows
}
