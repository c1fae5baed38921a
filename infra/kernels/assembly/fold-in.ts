import { dotDouble, factorCholesky, substituteBackward, substituteForward } from './cholesky'

/**
 * Folds a history in, as schemas/math/fold-in.ts does: on entry `l` holds α0 YᵀY + λ I; it becomes the Cholesky factor of A,
 * `x` the solution. `vectors` are `count` rows of k numbers of f32, `y` room for them in f64, `weighted` room for as many, `x`
 * and `values` as in the twin; `panel` holds 4k numbers of f64. False when A is not positive definite.
 */
export function foldIn(
  l: usize,
  vectors: usize,
  values: usize,
  count: usize,
  k: usize,
  y: usize,
  weighted: usize,
  x: usize,
  panel: usize,
): bool {
  const bytes = k << 3
  memory.fill(x, 0, bytes)
  for (let j: usize = 0; j < count; j++) {
    const value = <f64>load<f32>(values + (j << 2))
    const weight = f64x2.splat(Math.abs(value))
    const own = vectors + ((j * k) << 2)
    for (let i: usize = 0; i < bytes; i += 16) {
      const pair = f64x2.promote_low_f32x4(v128.load64_zero(own + (i >> 1)))
      const heavy = f64x2.mul(pair, weight)
      v128.store(y + j * bytes + i, pair)
      v128.store(weighted + j * bytes + i, heavy)
      if (value > 0) v128.store(x + i, f64x2.add(v128.load(x + i), heavy))
    }
  }
  for (let i: usize = 0; i < k; i += 4) {
    for (let j: usize = 0; j <= i; j += 4)
      addTile(l + i * bytes + (j << 3), weighted + (i << 3), y + (j << 3), count, bytes)
  }
  if (!factorCholesky(l, k, panel)) return false
  substituteForward(l, k, x)
  substituteBackward(l, k, x)
  return true
}

/** target += Σ a_r b_rᵀ over four by four numbers of `count` rows. */
function addTile(target: usize, a: usize, b: usize, count: usize, bytes: usize): void {
  let a0 = v128.load(target)
  let a1 = v128.load(target, 16)
  let b0 = v128.load(target + bytes)
  let b1 = v128.load(target + bytes, 16)
  let c0 = v128.load(target + 2 * bytes)
  let c1 = v128.load(target + 2 * bytes, 16)
  let d0 = v128.load(target + 3 * bytes)
  let d1 = v128.load(target + 3 * bytes, 16)
  for (let j: usize = 0; j < count; j++) {
    const y0 = v128.load(b)
    const y1 = v128.load(b, 16)
    const wa = v128.load_splat<f64>(a)
    const wb = v128.load_splat<f64>(a, 8)
    const wc = v128.load_splat<f64>(a, 16)
    const wd = v128.load_splat<f64>(a, 24)
    a += bytes
    b += bytes
    a0 = f64x2.relaxed_madd(wa, y0, a0)
    a1 = f64x2.relaxed_madd(wa, y1, a1)
    b0 = f64x2.relaxed_madd(wb, y0, b0)
    b1 = f64x2.relaxed_madd(wb, y1, b1)
    c0 = f64x2.relaxed_madd(wc, y0, c0)
    c1 = f64x2.relaxed_madd(wc, y1, c1)
    d0 = f64x2.relaxed_madd(wd, y0, d0)
    d1 = f64x2.relaxed_madd(wd, y1, d1)
  }
  v128.store(target, a0)
  v128.store(target, a1, 16)
  v128.store(target + bytes, b0)
  v128.store(target + bytes, b1, 16)
  v128.store(target + 2 * bytes, c0)
  v128.store(target + 2 * bytes, c1, 16)
  v128.store(target + 3 * bytes, d0)
  v128.store(target + 3 * bytes, d1, 16)
}

/** bᵀ(L·Lᵀ)⁻¹b for L of a Cholesky factor; b becomes L⁻¹b. */
export function squaredLength(l: usize, k: usize, b: usize): f64 {
  substituteForward(l, k, b)
  return dotDouble(b, b, k << 3)
}

/** contributions[j] = c_j p_j · z·y_j, in f32, for z = L⁻ᵀb; b becomes z. `y` are the vectors of `foldIn` in f64. */
export function contribute(
  contributions: usize,
  l: usize,
  y: usize,
  values: usize,
  count: usize,
  k: usize,
  b: usize,
): void {
  substituteBackward(l, k, b)
  for (let j: usize = 0; j < count; j++) {
    const value = load<f32>(values + (j << 2))
    const part = value > 0 ? <f64>value * dotDouble(b, y + ((j * k) << 3), k << 3) : 0
    store<f32>(contributions + (j << 2), <f32>part)
  }
}
