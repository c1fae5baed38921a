import { groupBytes, rowBytes, subtractProduct, subtractRows, tileAt } from './tiles'

/** Four rows of a group. */
const fourRows: usize = 4 * rowBytes

/**
 * A = UᵀU: the tile on the diagonal of row of tiles `row`, once all rows above it are done. The diagonal becomes 1 / U_ii: what
 * divides is multiplied by. False when A is not positive definite or holds a NaN.
 */
export function factorDiagonal(tiles: usize, across: usize, row: usize): bool {
  const own = tileAt(tiles, across, row, row)
  for (let above: usize = 0; above < row; above++) {
    const a = tileAt(tiles, across, above, row)
    for (let group: usize = 0; group < 16; group++) {
      const b = a + group * groupBytes
      for (let i: usize = 0; i <= group; i++) {
        subtractProduct(own + group * groupBytes + i * fourRows, a + i * groupBytes, b, 64)
      }
    }
  }
  for (let i: usize = 0; i < 16; i++) {
    const left = own + i * groupBytes
    const square = left + i * fourRows
    for (let group = i; group < 16; group++) {
      subtractProduct(own + group * groupBytes + i * fourRows, left, own + group * groupBytes, 4 * i)
    }
    if (!factorFour(square)) return false
    for (let group = i + 1; group < 16; group++) solveFour(square, own + group * groupBytes + i * fourRows)
  }
  return true
}

/** A tile right of the diagonal of a row of tiles, once that and all rows above are done: of the matrix, or of right sides. */
export function solveTile(tiles: usize, across: usize, row: usize, column: usize): void {
  const own = tileAt(tiles, across, row, column)
  for (let above: usize = 0; above < row; above++) {
    const a = tileAt(tiles, across, above, row)
    const b = tileAt(tiles, across, above, column)
    for (let group: usize = 0; group < 16; group++) {
      const from = group * groupBytes
      for (let i: usize = 0; i < 16; i++) subtractProduct(own + from + i * fourRows, a + i * groupBytes, b + from, 64)
    }
  }
  const diagonal = tileAt(tiles, across, row, row)
  for (let group: usize = 0; group < 16; group++) {
    const from = own + group * groupBytes
    for (let i: usize = 0; i < 16; i++) {
      const left = diagonal + i * groupBytes
      subtractProduct(from + i * fourRows, left, from, 4 * i)
      solveFour(left + i * fourRows, from + i * fourRows)
    }
  }
}

/**
 * X = U⁻¹Z for right sides Z = U⁻ᵀB, which the rows of tiles leave: groups [fromGroup, toGroup) of the tiles of column
 * `column`, for a matrix of `size` tiles across.
 */
export function substituteTiles(
  tiles: usize,
  across: usize,
  size: usize,
  column: usize,
  fromGroup: usize,
  toGroup: usize,
): void {
  for (let row = size; row-- > 0;) {
    const own = tileAt(tiles, across, row, column)
    for (let right = row + 1; right < size; right++) {
      const u = tileAt(tiles, across, row, right)
      const x = tileAt(tiles, across, right, column)
      for (let group = fromGroup; group < toGroup; group++) {
        const from = group * groupBytes
        for (let i: usize = 0; i < 16; i++) subtractRows(own + from + i * fourRows, u + i * fourRows, x + from, 16)
      }
    }
    const diagonal = tileAt(tiles, across, row, row)
    for (let group = fromGroup; group < toGroup; group++) {
      const from = own + group * groupBytes
      for (let i: usize = 16; i-- > 0;) {
        const known = i + 1
        const u = diagonal + known * groupBytes + i * fourRows
        subtractRows(from + i * fourRows, u, from + known * fourRows, 16 - known)
        substituteFour(diagonal + i * groupBytes + i * fourRows, from + i * fourRows)
      }
    }
  }
}

/** Four by four numbers of A become those of U, the diagonal inverted. */
function factorFour(u: usize): bool {
  for (let row = u, own = u; row < u + fourRows; row += rowBytes, own += rowBytes + 8) {
    const pivot = load<f64>(own)
    if (!(pivot > 0 && pivot < Infinity)) return false
    const inverse = 1 / Math.sqrt(pivot)
    store<f64>(own, inverse)
    const behind = row + rowBytes - own
    for (let c: usize = 8; c < behind; c += 8) store<f64>(own + c, load<f64>(own + c) * inverse)
    for (let below: usize = 8; below < behind; below += 8) {
      const factor = load<f64>(own + below)
      const target = own + (below >> 3) * rowBytes
      for (let c = below; c < behind; c += 8)
        store<f64>(target + c, load<f64>(target + c) - factor * load<f64>(own + c))
    }
  }
  return true
}

/** c ← U⁻ᵀc for four by four numbers each. */
function solveFour(u: usize, c: usize): void {
  for (let row: usize = 0; row < 4; row++) {
    let low = v128.load(c + row * rowBytes)
    let high = v128.load(c + row * rowBytes, 16)
    for (let above: usize = 0; above < row; above++) {
      const factor = v128.load_splat<f64>(u + above * rowBytes + (row << 3))
      low = f64x2.relaxed_nmadd(factor, v128.load(c + above * rowBytes), low)
      high = f64x2.relaxed_nmadd(factor, v128.load(c + above * rowBytes, 16), high)
    }
    const inverse = v128.load_splat<f64>(u + row * (rowBytes + 8))
    v128.store(c + row * rowBytes, f64x2.mul(low, inverse))
    v128.store(c + row * rowBytes, f64x2.mul(high, inverse), 16)
  }
}

/** c ← U⁻¹c for four by four numbers each. */
function substituteFour(u: usize, c: usize): void {
  for (let row: usize = 4; row-- > 0;) {
    let low = v128.load(c + row * rowBytes)
    let high = v128.load(c + row * rowBytes, 16)
    for (let below = row + 1; below < 4; below++) {
      const factor = v128.load_splat<f64>(u + row * rowBytes + (below << 3))
      low = f64x2.relaxed_nmadd(factor, v128.load(c + below * rowBytes), low)
      high = f64x2.relaxed_nmadd(factor, v128.load(c + below * rowBytes, 16), high)
    }
    const inverse = v128.load_splat<f64>(u + row * (rowBytes + 8))
    v128.store(c + row * rowBytes, f64x2.mul(low, inverse))
    v128.store(c + row * rowBytes, f64x2.mul(high, inverse), 16)
  }
}
