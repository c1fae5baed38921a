import { tmpdir } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { scanTopK, type ScanResult, type ScanTopK } from '#schemas/math/top-k.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { CreateVectorIndex, IndexBase, Neighbours, VectorIndex } from '#schemas/ports/vector-index.ts'
import { immutableBase, type Base, type BaseLimits } from './base.ts'
import { graphBuilder } from './graph-builder.ts'
import { graphPieces } from './graph-file.ts'
import { defaultGraphSettings, findHnswlib, graphFormat, type GraphSettings, type HnswlibFound } from './graph.ts'
import { snapshotOf, takeSnapshot } from './snapshot.ts'
import { vectorTable } from './vector-table.ts'

export interface HnswOptions {
  /** Entry of the thread that builds graphs: it calls `buildGraphOnThread`. */
  readonly worker: URL
  /** Where graphs lie between thread and thread, for moments. Default: the system's temporary folder. */
  readonly folder?: string
  /** Bases smaller than this are scanned: there it is faster, and exact. */
  readonly graphFrom?: number
  /** A vector that moved by less than this share of its length in the base stays as it is there. */
  readonly epsilon?: number
  readonly limits?: BaseLimits
  readonly graph?: GraphSettings
  /** The exact search of base and overlay. Default: the readable one. */
  readonly scanTopK?: ScanTopK
  /** What `findHnswlib` found. Default: it is asked. */
  readonly found?: HnswlibFound
}

/**
 * Measured at k = 64: the best 100 of 19,498 vectors of one length in 0.2 ms by the scan of the kernels, of 100,000 in 0.9 ms;
 * where long vectors come first sooner. A graph of 19,498 takes 0.72 ms for the best 260, of which it finds .98. The best 220
 * of 100,000: the scan 1.8 ms, a graph 2.8 ms for .95 of them, after 156 s in which it was built.
 */
const defaultHnswOptions = {
  graphFrom: 150_000,
  epsilon: 0.01,
  limits: { asked: 1_000, maskedShare: 0.1 },
  graph: defaultGraphSettings,
  scanTopK,
}

/** An immutable base, an HNSW graph or a plain scan, under a live overlay that is scanned exactly (design section 8). */
export function hnswVectorIndex(given: HnswOptions): CreateVectorIndex {
  return async ({ dimension, slots, vectors, from }) => {
    const options = { ...defaultHnswOptions, folder: tmpdir(), ...given }
    const found = options.found ?? (await findHnswlib())
    const builder = graphBuilder({ ...options, found, settings: options.graph })
    const restored = from === undefined ? undefined : await restoredBase(from)
    let base = restored ?? (await builtBase())
    let overlay = vectorTable(dimension)
    let known: { readonly of: Base; readonly as: IndexBase } | undefined
    let rebuilding: Promise<void> | undefined
    /** Slots changed since the rebuild under way began: their truth is here, not in its snapshot. */
    let changed: Set<number> | undefined

    const index: VectorIndex = {
      dimension,
      upsert(slot, vector) {
        requireVector(slot, vector, dimension)
        changed?.add(slot)
        place(slot, vector)
      },
      remove(slot) {
        changed?.add(slot)
        withdraw(slot)
      },
      search: (query, k) => answer(query, k, base.search(query, k)),
      searchExact: (query, k) => answer(query, k, base.scan(query, k)),
      rebuild() {
        rebuilding ??= rebuild().finally(() => {
          rebuilding = undefined
          changed = undefined
        })
        return rebuilding
      },
      base() {
        if (known?.of !== base) known = keepable(base)
        return known?.as
      },
      size: () => ({ base: base.slots.length, overlay: overlay.count, masked: base.masked }),
      kind: () => (base.graph === undefined ? 'exact' : 'hnsw'),
      async close() {
        await builder.close()
        await Promise.allSettled([rebuilding])
      },
    }
    if (restored !== undefined) await catchUp()
    return index

    async function builtBase(): Promise<Base> {
      const snapshot = await takeSnapshot(dimension, slots, (_slot, target, at, row) => {
        target.set(vectors.subarray(row * dimension, (row + 1) * dimension), at)
        return true
      })
      return immutableBase(snapshot, await builder.build(snapshot), options)
    }

    async function restoredBase(old: IndexBase): Promise<Base | undefined> {
      requireRows(old, dimension)
      const snapshot = await snapshotOf(old.slots, old.vectors, dimension)
      const graph = await builder.restore(old, snapshot)
      return graph === undefined ? undefined : immutableBase(snapshot, graph, options)
    }

    /** Of what the base was restored with, only what the index is to hold is to be seen. */
    async function catchUp(): Promise<void> {
      for (let row = 0; row < base.slots.length; row++) base.mask(row, true)
      for (const [row, slot] of slots.entries()) {
        if (row % rowsAtOnce === rowsAtOnce - 1) await setImmediate()
        place(slot, vectors.subarray(row * dimension, (row + 1) * dimension))
      }
    }

    function keepable(of: Base): { readonly of: Base; readonly as: IndexBase } | undefined {
      const { graph } = of
      if (graph === undefined) return undefined
      const pieces = () => graphPieces(graph, options.folder)
      return { of, as: { format: graphFormat, slots: of.slots, vectors: of.vectors, pieces } }
    }

    function place(slot: number, vector: Float32Array): void {
      const row = base.rowOf(slot)
      const near = row !== -1 && isNear(base.vectors, row * dimension, vector, options.epsilon)
      if (row !== -1) base.mask(row, !near)
      if (near) overlay.delete(slot)
      else overlay.set(slot, vector)
    }

    function withdraw(slot: number): void {
      const row = base.rowOf(slot)
      if (row !== -1) base.mask(row, true)
      overlay.delete(slot)
    }

    function answer(query: Float32Array, k: number, inBase: ScanResult): Neighbours {
      const inOverlay = options.scanTopK(query, overlay.vectors, overlay.count, k)
      return merged(withSlots(inBase, base.slots), withSlots(inOverlay, overlay.slots), k)
    }

    /** The vector that searches see; undefined for an absent slot. A view, valid until the next change. */
    function current(slot: number): Float32Array | undefined {
      const row = overlay.rowOf(slot)
      if (row !== -1) return overlay.vectors.subarray(row * dimension, (row + 1) * dimension)
      const baseRow = base.rowOf(slot)
      if (baseRow === -1 || base.isMasked(baseRow)) return undefined
      return base.vectors.subarray(baseRow * dimension, (baseRow + 1) * dimension)
    }

    async function rebuild(): Promise<void> {
      const began = new Set<number>()
      changed = began
      const live = base.slots.filter((_slot, row) => !base.isMasked(row))
      const all = new Uint32Array(live.length + overlay.count)
      all.set(live)
      all.set(overlay.slots.subarray(0, overlay.count), live.length)
      const snapshot = await takeSnapshot(dimension, all, (slot, target, at) => {
        const vector = current(slot)
        if (vector !== undefined) target.set(vector, at)
        return vector !== undefined
      })
      const next = immutableBase(snapshot, await builder.build(snapshot), options)
      switchTo(next, began)
    }

    /** Without a pause between: no search sees the new base without what changed since its snapshot. */
    function switchTo(next: Base, since: ReadonlySet<number>): void {
      const newer = Array.from(since, (slot) => ({ slot, vector: current(slot) }))
      base = next
      overlay = vectorTable(dimension)
      for (const { slot, vector } of newer) {
        if (vector === undefined) withdraw(slot)
        else place(slot, vector)
      }
    }
  }
}

/** Vectors compared with a restored base before the event loop gets its turn. */
const rowsAtOnce = 1_000

/** |vector − base| ≤ epsilon · |base|, base beginning at `start`. */
function isNear(base: Float32Array, start: number, vector: Float32Array, epsilon: number): boolean {
  let moved = 0
  let length = 0
  for (let i = 0; i < vector.length; i++) {
    const before = base[start + i]!
    moved += (vector[i]! - before) * (vector[i]! - before)
    length += before * before
  }
  return moved <= epsilon * epsilon * length
}

function withSlots(found: ScanResult, slots: Uint32Array): Neighbours {
  return { slots: found.rows.map((row) => slots[row]!), scores: found.scores }
}

function merged(a: Neighbours, b: Neighbours, k: number): Neighbours {
  const count = Math.min(k, a.slots.length + b.slots.length)
  const slots = new Uint32Array(count)
  const scores = new Float32Array(count)
  let left = 0
  for (let at = 0; at < count; at++) {
    const right = at - left
    const fromA = right >= b.slots.length || (left < a.slots.length && a.scores[left]! >= b.scores[right]!)
    slots[at] = fromA ? a.slots[left]! : b.slots[right]!
    scores[at] = fromA ? a.scores[left]! : b.scores[right]!
    if (fromA) left++
  }
  return { slots, scores }
}

function requireRows({ slots, vectors }: IndexBase, dimension: number): void {
  if (vectors.length === slots.length * dimension) return
  throw new MillraceError('store-failed', 'The base of an index is of another dimension', {
    facts: { rows: slots.length, numbers: vectors.length, dimension },
  })
}

function requireVector(slot: number, vector: Float32Array, dimension: number): void {
  if (Number.isInteger(slot) && slot >= 0 && vector.length === dimension && vector.every(Number.isFinite)) return
  throw new MillraceError('broken-invariant', 'An index holds finite vectors of its dimension under small integers', {
    facts: { slot, length: vector.length, dimension },
  })
}
