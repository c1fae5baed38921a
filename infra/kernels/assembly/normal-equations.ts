import { groupBytes, rowBytes, tileBytes, tileRow } from './tiles'

/**
 * Row of tiles `row` of M = Σ_r f_r f_rᵀ + λ I, zero before, for the sparse rows f_r of `unknowns` columns: both by column
 * (`starts`, `indices`, `values`: the rows that a column is in) and by row. An unknown that only fills the last tile has the row of
 * the identity. Each number is summed in the order of the rows, on whatever thread.
 */
export function addNormalEquations(
  tiles: usize,
  across: usize,
  row: usize,
  unknowns: usize,
  lambda: f64,
  starts: usize,
  indices: usize,
  values: usize,
  rowStarts: usize,
  rowIndices: usize,
  rowValues: usize,
): void {
  const first = row << 6
  for (let unknown = first; unknown < first + 64; unknown++) {
    const own = tileRow(tiles, across, row) + (unknown - first) * rowBytes
    if (unknown >= unknowns) {
      store<f64>(own + columnAt(unknown), 1)
      continue
    }
    const end = load<u32>(starts + (unknown << 2), 4)
    for (let entry = load<u32>(starts + (unknown << 2)); entry < end; entry++) {
      const other = <usize>load<u32>(indices + ((<usize>entry) << 2))
      const value = <f64>load<f32>(values + ((<usize>entry) << 2))
      const begin = <usize>load<u32>(rowStarts + (other << 2))
      for (let at = <usize>load<u32>(rowStarts + (other << 2), 4); at-- > begin;) {
        const column = <usize>load<u32>(rowIndices + (at << 2))
        if (column < unknown) break
        const target = own + columnAt(column)
        store<f64>(target, load<f64>(target) + value * <f64>load<f32>(rowValues + (at << 2)))
      }
    }
    const diagonal = own + columnAt(unknown)
    store<f64>(diagonal, load<f64>(diagonal) + lambda)
  }
}

/**
 * Row of tiles `row` of the right sides, zero before, in the tiles from `size` on: Σ_r s_r t_rᵀ for sparse rows s_r given by column
 * and rows t_r of `k` numbers of f32, k a multiple of 4.
 */
export function addRightSides(
  tiles: usize,
  across: usize,
  size: usize,
  row: usize,
  unknowns: usize,
  starts: usize,
  indices: usize,
  values: usize,
  targets: usize,
  k: usize,
): void {
  const first = row << 6
  const sides = tileRow(tiles, across, row) + size * tileBytes
  for (let unknown = first; unknown < min(first + 64, unknowns); unknown++) {
    const own = sides + (unknown - first) * rowBytes
    const end = load<u32>(starts + (unknown << 2), 4)
    for (let entry = load<u32>(starts + (unknown << 2)); entry < end; entry++) {
      const value = f64x2.splat(<f64>load<f32>(values + ((<usize>entry) << 2)))
      const target = targets + <usize>load<u32>(indices + ((<usize>entry) << 2)) * (k << 2)
      for (let c: usize = 0; c < k << 2; c += 16) {
        const at = own + (c >> 4) * groupBytes
        const low = f64x2.promote_low_f32x4(v128.load64_zero(target + c))
        const high = f64x2.promote_low_f32x4(v128.load64_zero(target + c, 8))
        v128.store(at, f64x2.relaxed_madd(value, low, v128.load(at)))
        v128.store(at, f64x2.relaxed_madd(value, high, v128.load(at, 16)), 16)
      }
    }
  }
}

/** Where a column is behind the beginning of a row in a row of tiles. */
function columnAt(column: usize): usize {
  return (column >> 2) * groupBytes + ((column & 3) << 3)
}
