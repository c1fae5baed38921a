/** Rows summed in f32 before they are added in f64: few enough that nothing is lost that float32 factors could say. */
const rowsOfSum: usize = 64

/**
 * target += Σ y_r y_rᵀ over `rows` vectors from `data` on: the lower triangle of a k × k matrix of f64, and some numbers
 * above it. Four by eight sums stay in registers.
 */
export function addOuterProducts(target: usize, data: usize, rows: usize, k: usize): void {
  const bytes = k << 2
  for (let first: usize = 0; first < rows; first += rowsOfSum) {
    const from = data + first * bytes
    const end = from + min(rowsOfSum, rows - first) * bytes
    for (let i: usize = 0; i < k; i += 4) {
      for (let j: usize = 0; j <= i; j += 8)
        addTile(target + (i * k + j) * 8, from + (i << 2), from + (j << 2), end + (i << 2), k)
    }
  }
}

function addTile(target: usize, at: usize, across0: usize, end: usize, k: usize): void {
  const bytes = k << 2
  let a0 = f32x4.splat(0)
  let a1 = f32x4.splat(0)
  let b0 = f32x4.splat(0)
  let b1 = f32x4.splat(0)
  let c0 = f32x4.splat(0)
  let c1 = f32x4.splat(0)
  let d0 = f32x4.splat(0)
  let d1 = f32x4.splat(0)
  let across = across0
  for (let down = at; down < end; down += bytes) {
    const y0 = v128.load(across)
    const y1 = v128.load(across, 16)
    across += bytes
    const a = v128.load_splat<f32>(down)
    const b = v128.load_splat<f32>(down, 4)
    const c = v128.load_splat<f32>(down, 8)
    const d = v128.load_splat<f32>(down, 12)
    a0 = f32x4.relaxed_madd(a, y0, a0)
    a1 = f32x4.relaxed_madd(a, y1, a1)
    b0 = f32x4.relaxed_madd(b, y0, b0)
    b1 = f32x4.relaxed_madd(b, y1, b1)
    c0 = f32x4.relaxed_madd(c, y0, c0)
    c1 = f32x4.relaxed_madd(c, y1, c1)
    d0 = f32x4.relaxed_madd(d, y0, d0)
    d1 = f32x4.relaxed_madd(d, y1, d1)
  }
  const row = k << 3
  addDoubles(target, a0, a1)
  addDoubles(target + row, b0, b1)
  addDoubles(target + 2 * row, c0, c1)
  addDoubles(target + 3 * row, d0, d1)
}

/** Adds eight numbers of f32 to eight of f64. */
function addDoubles(target: usize, low: v128, high: v128): void {
  addTwo(target, low)
  addTwo(target + 16, v128.shuffle<f32>(low, low, 2, 3, 2, 3))
  addTwo(target + 32, high)
  addTwo(target + 48, v128.shuffle<f32>(high, high, 2, 3, 2, 3))
}

function addTwo(target: usize, pair: v128): void {
  v128.store(target, f64x2.add(v128.load(target), f64x2.promote_low_f32x4(pair)))
}
