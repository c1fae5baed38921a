// Matrices are k × k of f64, row-major, k a multiple of 8.

/**
 * Factors a symmetric positive definite A = L·Lᵀ in place, four columns at a time, each panel then taken from all that is
 * right of it. Reads and writes the lower triangle, whose diagonal becomes 1 / L_ii: what divides is multiplied by. The
 * upper one is left without meaning. `panel` holds 4k numbers. False
 * when A is not positive definite or holds a NaN.
 */
export function factorCholesky(a: usize, k: usize, panel: usize): bool {
  const bytes = k << 3
  for (let first: usize = 0; first < k; first += 4) {
    for (let column = first; column < first + 4; column++) {
      const pivot = load<f64>(a + column * bytes + (column << 3))
      if (!(pivot > 0 && pivot < Infinity)) return false
      const inverse = 1 / Math.sqrt(pivot)
      store<f64>(a + column * bytes + (column << 3), inverse)
      for (let row = column + 1; row < k; row++) {
        const own = a + row * bytes
        const value = load<f64>(own + (column << 3)) * inverse
        store<f64>(own + (column << 3), value)
        const last = min(row, first + 3)
        for (let next = column + 1; next <= last; next++) {
          const across = load<f64>(a + next * bytes + (column << 3))
          store<f64>(own + (next << 3), load<f64>(own + (next << 3)) - value * (next == row ? value : across))
        }
      }
    }
    takePanel(a, k, first, panel)
  }
  return true
}

/** Subtracts the outer product of columns [first, first + 4) from the rows and columns behind them. */
function takePanel(a: usize, k: usize, first: usize, panel: usize): void {
  const bytes = k << 3
  for (let row = first + 4; row < k; row++) {
    const own = a + row * bytes + (first << 3)
    for (let c: usize = 0; c < 4; c++) store<f64>(panel + c * bytes + (row << 3), load<f64>(own + (c << 3)))
  }
  const from = (first + 4) << 3
  for (let row = first + 4; row < k; row++) {
    const own = a + row * bytes
    const w0 = f64x2.neg(v128.load_splat<f64>(own + (first << 3)))
    const w1 = f64x2.neg(v128.load_splat<f64>(own + (first << 3), 8))
    const w2 = f64x2.neg(v128.load_splat<f64>(own + (first << 3), 16))
    const w3 = f64x2.neg(v128.load_splat<f64>(own + (first << 3), 24))
    for (let at = from; at <= row << 3; at += 16) {
      const p = panel + at
      let sum = f64x2.relaxed_madd(w0, v128.load(p), v128.load(own + at))
      sum = f64x2.relaxed_madd(w1, v128.load(p + bytes), sum)
      sum = f64x2.relaxed_madd(w2, v128.load(p + 2 * bytes), sum)
      sum = f64x2.relaxed_madd(w3, v128.load(p + 3 * bytes), sum)
      v128.store(own + at, sum)
    }
  }
}

/** b ← L⁻¹b: four rows at a time, their sums over what is known side by side. */
export function substituteForward(l: usize, k: usize, b: usize): void {
  const bytes = k << 3
  for (let row: usize = 0; row < k; row += 4) {
    const first = l + row * bytes
    const second = first + bytes
    const third = second + bytes
    const fourth = third + bytes
    let s0 = f64x2.splat(0)
    let s1 = f64x2.splat(0)
    let s2 = f64x2.splat(0)
    let s3 = f64x2.splat(0)
    const behind = row << 3
    for (let i: usize = 0; i < behind; i += 16) {
      const known = v128.load(b + i)
      s0 = f64x2.relaxed_madd(v128.load(first + i), known, s0)
      s1 = f64x2.relaxed_madd(v128.load(second + i), known, s1)
      s2 = f64x2.relaxed_madd(v128.load(third + i), known, s2)
      s3 = f64x2.relaxed_madd(v128.load(fourth + i), known, s3)
    }
    const at = b + behind
    const b0 = (load<f64>(at) - laneSum(s0)) * load<f64>(first + behind)
    const b1 = (load<f64>(at, 8) - laneSum(s1) - b0 * load<f64>(second + behind)) * load<f64>(second + behind, 8)
    const left2 = load<f64>(at, 16) - laneSum(s2) - b0 * load<f64>(third + behind)
    const b2 = (left2 - b1 * load<f64>(third + behind, 8)) * load<f64>(third + behind, 16)
    const left3 = load<f64>(at, 24) - laneSum(s3) - b0 * load<f64>(fourth + behind)
    const b3 =
      (left3 - b1 * load<f64>(fourth + behind, 8) - b2 * load<f64>(fourth + behind, 16)) *
      load<f64>(fourth + behind, 24)
    store<f64>(at, b0)
    store<f64>(at, b1, 8)
    store<f64>(at, b2, 16)
    store<f64>(at, b3, 24)
  }
}

/** b ← L⁻ᵀb: four rows at a time from the last, then taken from all that is before them. */
export function substituteBackward(l: usize, k: usize, b: usize): void {
  const bytes = k << 3
  for (let row = k; row > 0; row -= 4) {
    const behind = (row - 4) << 3
    const first = l + (row - 4) * bytes
    const second = first + bytes
    const third = second + bytes
    const fourth = third + bytes
    const at = b + behind
    const b3 = load<f64>(at, 24) * load<f64>(fourth + behind, 24)
    const b2 = (load<f64>(at, 16) - b3 * load<f64>(fourth + behind, 16)) * load<f64>(third + behind, 16)
    const left1 = load<f64>(at, 8) - b3 * load<f64>(fourth + behind, 8)
    const b1 = (left1 - b2 * load<f64>(third + behind, 8)) * load<f64>(second + behind, 8)
    const left0 = load<f64>(at) - b3 * load<f64>(fourth + behind) - b2 * load<f64>(third + behind)
    const b0 = (left0 - b1 * load<f64>(second + behind)) * load<f64>(first + behind)
    store<f64>(at, b0)
    store<f64>(at, b1, 8)
    store<f64>(at, b2, 16)
    store<f64>(at, b3, 24)
    const w0 = f64x2.splat(-b0)
    const w1 = f64x2.splat(-b1)
    const w2 = f64x2.splat(-b2)
    const w3 = f64x2.splat(-b3)
    for (let i: usize = 0; i < behind; i += 16) {
      let left = f64x2.relaxed_madd(w0, v128.load(first + i), v128.load(b + i))
      left = f64x2.relaxed_madd(w1, v128.load(second + i), left)
      left = f64x2.relaxed_madd(w2, v128.load(third + i), left)
      v128.store(b + i, f64x2.relaxed_madd(w3, v128.load(fourth + i), left))
    }
  }
}

/** a·b of vectors of f64, `bytes` a multiple of 32. */
export function dotDouble(a: usize, b: usize, bytes: usize): f64 {
  let s0 = f64x2.splat(0)
  let s1 = f64x2.splat(0)
  for (let i: usize = 0; i < bytes; i += 32) {
    s0 = f64x2.relaxed_madd(v128.load(a + i), v128.load(b + i), s0)
    s1 = f64x2.relaxed_madd(v128.load(a + i, 16), v128.load(b + i, 16), s1)
  }
  return laneSum(f64x2.add(s0, s1))
}

function laneSum(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1)
}
