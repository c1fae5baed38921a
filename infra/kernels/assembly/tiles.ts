// A symmetric matrix of n × n numbers of f64 with right sides beside it, in tiles of 64 × 64, of the matrix only those on and
// above the diagonal: row of tiles I holds the tiles I, I + 1, …, across − 1. A tile is sixteen groups of four columns, each
// row after row, so that four by four numbers lie together and every inner loop reads on from where it is.

/** Bytes of a row of a group. */
export const rowBytes: usize = 32

export const groupBytes: usize = 64 * rowBytes

export const tileBytes: usize = 16 * groupBytes

/** Where a tile of a row of tiles would begin that had them all: only those from the diagonal on are there. */
export function tileRow(tiles: usize, across: usize, row: usize): usize {
  return tiles + (row * across - ((row * (row + 1)) >> 1)) * tileBytes
}

export function tileAt(tiles: usize, across: usize, row: usize, column: usize): usize {
  return tileRow(tiles, across, row) + column * tileBytes
}

/** c −= aᵀb for four by four numbers c and `rows` rows of two groups. */
export function subtractProduct(c: usize, a: usize, b: usize, rows: usize): void {
  let c00 = v128.load(c)
  let c01 = v128.load(c, 16)
  let c10 = v128.load(c, 32)
  let c11 = v128.load(c, 48)
  let c20 = v128.load(c, 64)
  let c21 = v128.load(c, 80)
  let c30 = v128.load(c, 96)
  let c31 = v128.load(c, 112)
  for (const end = a + rows * rowBytes; a < end; a += rowBytes) {
    const b0 = v128.load(b)
    const b1 = v128.load(b, 16)
    b += rowBytes
    const a0 = v128.load_splat<f64>(a)
    const a1 = v128.load_splat<f64>(a, 8)
    const a2 = v128.load_splat<f64>(a, 16)
    const a3 = v128.load_splat<f64>(a, 24)
    c00 = f64x2.relaxed_nmadd(a0, b0, c00)
    c01 = f64x2.relaxed_nmadd(a0, b1, c01)
    c10 = f64x2.relaxed_nmadd(a1, b0, c10)
    c11 = f64x2.relaxed_nmadd(a1, b1, c11)
    c20 = f64x2.relaxed_nmadd(a2, b0, c20)
    c21 = f64x2.relaxed_nmadd(a2, b1, c21)
    c30 = f64x2.relaxed_nmadd(a3, b0, c30)
    c31 = f64x2.relaxed_nmadd(a3, b1, c31)
  }
  v128.store(c, c00)
  v128.store(c, c01, 16)
  v128.store(c, c10, 32)
  v128.store(c, c11, 48)
  v128.store(c, c20, 64)
  v128.store(c, c21, 80)
  v128.store(c, c30, 96)
  v128.store(c, c31, 112)
}

/** c −= u x for four by four numbers c, four rows of `groups` groups of columns u, and as many times four rows x. */
export function subtractRows(c: usize, u: usize, x: usize, groups: usize): void {
  let c00 = v128.load(c)
  let c01 = v128.load(c, 16)
  let c10 = v128.load(c, 32)
  let c11 = v128.load(c, 48)
  let c20 = v128.load(c, 64)
  let c21 = v128.load(c, 80)
  let c30 = v128.load(c, 96)
  let c31 = v128.load(c, 112)
  for (const end = u + groups * groupBytes; u < end; u += groupBytes) {
    for (let column = u; column < u + rowBytes; column += 8) {
      const x0 = v128.load(x)
      const x1 = v128.load(x, 16)
      x += rowBytes
      const u0 = v128.load_splat<f64>(column)
      const u1 = v128.load_splat<f64>(column, 32)
      const u2 = v128.load_splat<f64>(column, 64)
      const u3 = v128.load_splat<f64>(column, 96)
      c00 = f64x2.relaxed_nmadd(u0, x0, c00)
      c01 = f64x2.relaxed_nmadd(u0, x1, c01)
      c10 = f64x2.relaxed_nmadd(u1, x0, c10)
      c11 = f64x2.relaxed_nmadd(u1, x1, c11)
      c20 = f64x2.relaxed_nmadd(u2, x0, c20)
      c21 = f64x2.relaxed_nmadd(u2, x1, c21)
      c30 = f64x2.relaxed_nmadd(u3, x0, c30)
      c31 = f64x2.relaxed_nmadd(u3, x1, c31)
    }
  }
  v128.store(c, c00)
  v128.store(c, c01, 16)
  v128.store(c, c10, 32)
  v128.store(c, c11, 48)
  v128.store(c, c20, 64)
  v128.store(c, c21, 80)
  v128.store(c, c30, 96)
  v128.store(c, c31, 112)
}
