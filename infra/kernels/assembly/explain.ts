// Four vectors side by side: number i of vector q is at 32i + 8q. Each goes through the operations of cholesky.ts in
// their order, and so comes to the same bits as alone.

/**
 * What a history says of four queries, `queries` of k numbers of f32 each: `l`, `y`, `values`, `count` and `k` are as for `foldIn`,
 * `bare` is the Cholesky factor of A₀. contributions[q·stride + j] = c_j p_j · y_qᵀA⁻¹y_j, in f32; squares[q] = y_qᵀA₀⁻¹y_q and
 * squares[4 + q] = y_qᵀA⁻¹y_q. `room` holds 4k numbers of f64.
 */
export function explain(
  l: usize,
  bare: usize,
  y: usize,
  values: usize,
  count: usize,
  k: usize,
  queries: usize,
  contributions: usize,
  stride: usize,
  squares: usize,
  room: usize,
): void {
  place(room, queries, k)
  substituteForward(bare, k, room)
  squareLengths(squares, room, k)
  place(room, queries, k)
  substituteForward(l, k, room)
  squareLengths(squares + 32, room, k)
  substituteBackward(l, k, room)
  for (let j: usize = 0; j < count; j++) {
    contribute(contributions + (j << 2), stride << 2, load<f32>(values + (j << 2)), y + ((j * k) << 3), k, room)
  }
}

function place(target: usize, queries: usize, k: usize): void {
  for (let q: usize = 0; q < 4; q++) {
    const from = queries + ((q * k) << 2)
    for (let i: usize = 0; i < k; i++) store<f64>(target + (i << 5) + (q << 3), load<f32>(from + (i << 2)))
  }
}

/** b ← L⁻¹b */
function substituteForward(l: usize, k: usize, b: usize): void {
  const bytes = k << 3
  for (let row: usize = 0; row < k; row += 4) {
    const first = l + row * bytes
    const third = first + 2 * bytes
    const at = b + (row << 5)
    takeKnown(first, first + bytes, row, b, at)
    takeKnown(third, third + bytes, row, b, at + 64)
    solveForward(first + (row << 3), bytes, at)
    solveForward(first + (row << 3), bytes, at + 16)
  }
}

/** Takes from two rows of b what the `known` rows before them give. */
function takeKnown(first: usize, second: usize, known: usize, b: usize, at: usize): void {
  let even0 = f64x2.splat(0)
  let even1 = f64x2.splat(0)
  let odd0 = f64x2.splat(0)
  let odd1 = f64x2.splat(0)
  let nextEven0 = f64x2.splat(0)
  let nextEven1 = f64x2.splat(0)
  let nextOdd0 = f64x2.splat(0)
  let nextOdd1 = f64x2.splat(0)
  for (let i: usize = 0; i < known << 3; i += 16) {
    const from = b + (i << 2)
    const x0 = v128.load(from)
    const x1 = v128.load(from, 16)
    const x2 = v128.load(from, 32)
    const x3 = v128.load(from, 48)
    const l0 = v128.load_splat<f64>(first + i)
    const l1 = v128.load_splat<f64>(first + i, 8)
    const m0 = v128.load_splat<f64>(second + i)
    const m1 = v128.load_splat<f64>(second + i, 8)
    even0 = f64x2.relaxed_madd(l0, x0, even0)
    even1 = f64x2.relaxed_madd(l0, x1, even1)
    odd0 = f64x2.relaxed_madd(l1, x2, odd0)
    odd1 = f64x2.relaxed_madd(l1, x3, odd1)
    nextEven0 = f64x2.relaxed_madd(m0, x0, nextEven0)
    nextEven1 = f64x2.relaxed_madd(m0, x1, nextEven1)
    nextOdd0 = f64x2.relaxed_madd(m1, x2, nextOdd0)
    nextOdd1 = f64x2.relaxed_madd(m1, x3, nextOdd1)
  }
  v128.store(at, f64x2.sub(v128.load(at), f64x2.add(even0, odd0)))
  v128.store(at, f64x2.sub(v128.load(at, 16), f64x2.add(even1, odd1)), 16)
  v128.store(at, f64x2.sub(v128.load(at, 32), f64x2.add(nextEven0, nextOdd0)), 32)
  v128.store(at, f64x2.sub(v128.load(at, 48), f64x2.add(nextEven1, nextOdd1)), 48)
}

/** Four rows of two vectors by the triangle at `l` on the diagonal. */
function solveForward(l: usize, bytes: usize, at: usize): void {
  const second = l + bytes
  const third = second + bytes
  const fourth = third + bytes
  const b0 = f64x2.mul(v128.load(at), v128.load_splat<f64>(l))
  const b1 = f64x2.mul(less(v128.load(at, 32), b0, second), v128.load_splat<f64>(second, 8))
  const b2 = f64x2.mul(less(less(v128.load(at, 64), b0, third), b1, third + 8), v128.load_splat<f64>(third, 16))
  const left3 = less(less(v128.load(at, 96), b0, fourth), b1, fourth + 8)
  const b3 = f64x2.mul(less(left3, b2, fourth + 16), v128.load_splat<f64>(fourth, 24))
  storeFour(at, b0, b1, b2, b3)
}

/** b ← L⁻ᵀb */
function substituteBackward(l: usize, k: usize, b: usize): void {
  const bytes = k << 3
  for (let row = k; row > 0; row -= 4) {
    const first = l + (row - 4) * bytes
    const at = b + ((row - 4) << 5)
    solveBackward(first + ((row - 4) << 3), bytes, at)
    solveBackward(first + ((row - 4) << 3), bytes, at + 16)
    takeSolved(first, bytes, row - 4, b, at)
    takeSolved(first, bytes, row - 4, b + 16, at + 16)
  }
}

function solveBackward(l: usize, bytes: usize, at: usize): void {
  const second = l + bytes
  const third = second + bytes
  const fourth = third + bytes
  const b3 = f64x2.mul(v128.load(at, 96), v128.load_splat<f64>(fourth, 24))
  const b2 = f64x2.mul(less(v128.load(at, 64), b3, fourth + 16), v128.load_splat<f64>(third, 16))
  const b1 = f64x2.mul(less(less(v128.load(at, 32), b3, fourth + 8), b2, third + 8), v128.load_splat<f64>(second, 8))
  const left0 = less(less(v128.load(at), b3, fourth), b2, third)
  const b0 = f64x2.mul(less(left0, b1, second), v128.load_splat<f64>(l))
  storeFour(at, b0, b1, b2, b3)
}

/** Takes what four solved rows give from all rows before them, of two vectors. */
function takeSolved(first: usize, bytes: usize, before: usize, b: usize, at: usize): void {
  const second = first + bytes
  const third = second + bytes
  const fourth = third + bytes
  const w0 = f64x2.neg(v128.load(at))
  const w1 = f64x2.neg(v128.load(at, 32))
  const w2 = f64x2.neg(v128.load(at, 64))
  const w3 = f64x2.neg(v128.load(at, 96))
  for (let i: usize = 0; i < before << 3; i += 8) {
    const own = b + (i << 2)
    let left = f64x2.relaxed_madd(w0, v128.load_splat<f64>(first + i), v128.load(own))
    left = f64x2.relaxed_madd(w1, v128.load_splat<f64>(second + i), left)
    left = f64x2.relaxed_madd(w2, v128.load_splat<f64>(third + i), left)
    v128.store(own, f64x2.relaxed_madd(w3, v128.load_splat<f64>(fourth + i), left))
  }
}

/** left − b · the number at `l` */
function less(left: v128, b: v128, l: usize): v128 {
  return f64x2.sub(left, f64x2.mul(b, v128.load_splat<f64>(l)))
}

function storeFour(at: usize, b0: v128, b1: v128, b2: v128, b3: v128): void {
  v128.store(at, b0)
  v128.store(at, b1, 32)
  v128.store(at, b2, 64)
  v128.store(at, b3, 96)
}

function squareLengths(target: usize, b: usize, k: usize): void {
  for (let pair: usize = 0; pair < 32; pair += 16) {
    let s0 = f64x2.splat(0)
    let s1 = f64x2.splat(0)
    let s2 = f64x2.splat(0)
    let s3 = f64x2.splat(0)
    for (let at = b + pair, end = at + (k << 5); at < end; at += 128) {
      s0 = f64x2.relaxed_madd(v128.load(at), v128.load(at), s0)
      s1 = f64x2.relaxed_madd(v128.load(at, 32), v128.load(at, 32), s1)
      s2 = f64x2.relaxed_madd(v128.load(at, 64), v128.load(at, 64), s2)
      s3 = f64x2.relaxed_madd(v128.load(at, 96), v128.load(at, 96), s3)
    }
    v128.store(target + pair, f64x2.add(f64x2.add(s0, s2), f64x2.add(s1, s3)))
  }
}

/** contributions[q·stride] = value · z_q·y_j, in f32, where the value is above 0. */
function contribute(target: usize, stride: usize, value: f32, y: usize, k: usize, z: usize): void {
  for (let pair: usize = 0; pair < 2; pair++) {
    let s0 = f64x2.splat(0)
    let s1 = f64x2.splat(0)
    let s2 = f64x2.splat(0)
    let s3 = f64x2.splat(0)
    for (let i: usize = 0; i < k << 3; i += 32) {
      const at = z + (i << 2) + (pair << 4)
      s0 = f64x2.relaxed_madd(v128.load(at), v128.load_splat<f64>(y + i), s0)
      s1 = f64x2.relaxed_madd(v128.load(at, 32), v128.load_splat<f64>(y + i, 8), s1)
      s2 = f64x2.relaxed_madd(v128.load(at, 64), v128.load_splat<f64>(y + i, 16), s2)
      s3 = f64x2.relaxed_madd(v128.load(at, 96), v128.load_splat<f64>(y + i, 24), s3)
    }
    const products = f64x2.mul(f64x2.splat(value), f64x2.add(f64x2.add(s0, s2), f64x2.add(s1, s3)))
    const own = target + 2 * pair * stride
    store<f32>(own, value > 0 ? <f32>f64x2.extract_lane(products, 0) : 0)
    store<f32>(own + stride, value > 0 ? <f32>f64x2.extract_lane(products, 1) : 0)
  }
}
