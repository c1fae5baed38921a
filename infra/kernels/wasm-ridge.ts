import { setImmediate } from 'node:timers/promises'
import { columnsOf, sparseProduct, usedColumns } from '#schemas/math/ridge.ts'
import { transposed } from '#schemas/math/transposed.ts'
import { workspace, type Workspace } from '#schemas/math/workspace.ts'
import type { Factors, RidgeProblem, Solver, SparseRows } from '#schemas/ports/solver.ts'
import { borrowed } from './borrowed.ts'
import { notPositive } from './frozen-models.ts'
import { kernelsOn } from './kernel-module.ts'
import type { WasmJob } from './wasm-job.ts'
import type { RidgeStep } from './wasm-ridge-job.ts'

/**
 * `solveRidge` of schemas/math/ridge.ts in WebAssembly, in float64 as there: the factorisation goes by rows of tiles of
 * 64 × 64, each shared by all threads, the right sides beside it. Without threads the event loop gets its turn after each
 * row of tiles.
 */
export function wasmRidge(module: WebAssembly.Module, run: (job: WasmJob) => Promise<void>): Solver['solveRidge'] {
  return async ({ features, targets, lambda }) => {
    const { k } = targets
    const weights = new Float32Array(features.columns * k)
    const used = usedColumns(features)
    const own = workspace()
    if (features.rows < used.length) {
      const byRow = placed(features, own)
      const byColumn = transposed(byRow)
      const system = { unknowns: byRow, rows: byColumn, sides: identity(byRow.rows, own), targets, lambda }
      weights.set(sparseProduct(byColumn, await solved(own, system), k))
    } else {
      const rows = placed(columnsOf(features, used), own)
      const unknowns = transposed(rows)
      const found = await solved(own, { unknowns, rows, sides: unknowns, targets, lambda })
      for (const [at, column] of used.entries()) weights.set(found.subarray(at * k, (at + 1) * k), column * k)
    }
    return weights
  }

  /** X of (Σ_r f_r f_rᵀ + λ I) X = Σ_r s_r t_rᵀ, unknowns × k. */
  async function solved(space: Workspace, { unknowns, rows, sides, targets, lambda }: System): Promise<Float64Array> {
    const count = unknowns.rows
    const size = Math.ceil(count / 64)
    const width = Math.ceil(targets.k / 4) * 4
    const across = size + Math.ceil(width / 64)
    // Nothing lay in this workspace before: its numbers are zero.
    const tiles = space.doubles((size * across - (size * (size - 1)) / 2) * 4_096)
    const memory = borrowed(space)
    const work = { tiles: tiles.byteOffset, across, size, unknowns: count, lambda, k: width }
    const step = (what: RidgeStep) =>
      run({
        type: 'wasm-ridge',
        module,
        memory: space.memory,
        counter: new Int32Array(new SharedArrayBuffer(8)),
        ...work,
        ...what,
      })
    const sparse = { byUnknown: addressesOf(unknowns), byRow: addressesOf(rows), sides: addressesOf(sides) }
    const dense = memory.rows(targets, width)
    for (let from = 0; from < size; from += rowsAtOnce) {
      await step({ step: 'assemble', from, to: Math.min(size, from + rowsAtOnce), ...sparse, targets: dense })
      await setImmediate()
    }
    const kernels = kernelsOn(module, space.memory)
    for (let row = 0; row < size; row++) {
      if (kernels.factorDiagonal(work.tiles, across, row) === 0) throw notPositive()
      await step({ step: 'factor', row })
      await setImmediate()
    }
    await step({ step: 'substitute' })
    return sidesOf(tiles, { count, size, across, k: targets.k })
  }
}

/** Rows of tiles assembled before the event loop gets its turn. */
const rowsAtOnce = 8

/** Everything but λ lies in one workspace. */
interface System {
  /** The rows that each unknown is in, and the unknowns that are in each row. */
  readonly unknowns: SparseRows
  readonly rows: SparseRows
  /** The rows of `targets` that each right side adds up. */
  readonly sides: SparseRows
  readonly targets: Factors
  readonly lambda: RidgeProblem['lambda']
}

function placed(rows: SparseRows, space: Workspace): SparseRows {
  const starts = space.integers(rows.starts.length)
  const indices = space.integers(rows.indices.length)
  const values = space.floats(rows.values.length)
  starts.set(rows.starts)
  indices.set(rows.indices)
  values.set(rows.values)
  return { ...rows, starts, indices, values }
}

function identity(size: number, space: Workspace): SparseRows {
  const starts = space.integers(size + 1)
  const indices = space.integers(size)
  for (let i = 0; i <= size; i++) starts[i] = i
  for (let i = 0; i < size; i++) indices[i] = i
  return { rows: size, columns: size, starts, indices, values: space.floats(size).fill(1) }
}

function addressesOf({ starts, indices, values }: SparseRows) {
  return { starts: starts.byteOffset, indices: indices.byteOffset, values: values.byteOffset }
}

/** The right sides out of their tiles, which assembly/tiles.ts describes. */
function sidesOf(
  tiles: Float64Array,
  {
    count,
    size,
    across,
    k,
  }: { readonly count: number; readonly size: number; readonly across: number; readonly k: number },
): Float64Array {
  const sides = new Float64Array(count * k)
  for (let i = 0; i < count; i++) {
    const row = Math.floor(i / 64)
    const from = (row * across - (row * (row + 1)) / 2 + size) * 4_096 + (i % 64) * 4
    for (let c = 0; c < k; c++) sides[i * k + c] = tiles[from + Math.floor(c / 4) * 256 + (c % 4)]!
  }
  return sides
}
