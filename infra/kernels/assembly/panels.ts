/**
 * image = directions · S for a symmetric k × k matrix S and `rows` row vectors, a multiple of 4. S is packed in panels of
 * eight columns: panel p holds S[0][8p..8p+8), S[1][8p..8p+8), …
 */
export function multiplyPanels(image: usize, directions: usize, rows: usize, panels: usize, k: usize): void {
  const bytes = k << 2
  for (let column: usize = 0; column < bytes; column += 32) {
    multiplyPanel(image + column, bytes, directions, rows, panels + column * k, k)
  }
}

/**
 * Eight columns of the image, its rows `apart` bytes from each other. Four rows by eight columns stay in registers; each is
 * summed in order, so a row's image is the same bits in every company.
 */
export function multiplyPanel(
  image: usize,
  apart: usize,
  directions: usize,
  rows: usize,
  panelAt: usize,
  k: usize,
): void {
  const bytes = k << 2
  for (let row: usize = 0; row < rows; row += 4) {
    const at = directions + row * bytes
    let a0 = f32x4.splat(0)
    let a1 = f32x4.splat(0)
    let b0 = f32x4.splat(0)
    let b1 = f32x4.splat(0)
    let c0 = f32x4.splat(0)
    let c1 = f32x4.splat(0)
    let d0 = f32x4.splat(0)
    let d1 = f32x4.splat(0)
    const b = at + bytes
    const c = b + bytes
    const d = c + bytes
    let panel = panelAt
    for (let i: usize = 0; i < bytes; i += 4) {
      const s0 = v128.load(panel)
      const s1 = v128.load(panel, 16)
      panel += 32
      const va = v128.load_splat<f32>(at + i)
      const vb = v128.load_splat<f32>(b + i)
      const vc = v128.load_splat<f32>(c + i)
      const vd = v128.load_splat<f32>(d + i)
      a0 = f32x4.relaxed_madd(va, s0, a0)
      a1 = f32x4.relaxed_madd(va, s1, a1)
      b0 = f32x4.relaxed_madd(vb, s0, b0)
      b1 = f32x4.relaxed_madd(vb, s1, b1)
      c0 = f32x4.relaxed_madd(vc, s0, c0)
      c1 = f32x4.relaxed_madd(vc, s1, c1)
      d0 = f32x4.relaxed_madd(vd, s0, d0)
      d1 = f32x4.relaxed_madd(vd, s1, d1)
    }
    const to = image + row * apart
    v128.store(to, a0)
    v128.store(to, a1, 16)
    v128.store(to + apart, b0)
    v128.store(to + apart, b1, 16)
    v128.store(to + 2 * apart, c0)
    v128.store(to + 2 * apart, c1, 16)
    v128.store(to + 3 * apart, d0)
    v128.store(to + 3 * apart, d1, 16)
  }
}
