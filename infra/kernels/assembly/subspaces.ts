import { entriesAtOnce, fetchVectors, innerProducts, laneSums, locate } from './entries'
import { multiplyPanel } from './panels'
import { laneSum } from './vector'

/** Rows swept side by side, so that a panel of the Gramian is read once for all of them. */
const rowsAtOnce: usize = 8

/** Bytes of what is noted of a row: its place, first entry, number of entries, λ, predictions. */
const noteBytes: usize = 20

// The problem of the call under way: one instance of this module runs on one thread.
let indices: usize = 0
let values: usize = 0
let fixed: usize = 0
let bytes: usize = 0

// Places in the scratch memory of this thread.
let matrix: usize = 0
let side: usize = 0
let notes: usize = 0
let image: usize = 0
let x: usize = 0

/** Bytes of scratch memory that `sweepRows` needs for rows of at most `longest` entries. */
export function sweepRowsScratch(k: usize, longest: usize): usize {
  const predictions = rowsAtOnce * ((longest + 3) & ~3)
  return (((64 + 8 + rowsAtOnce * (5 + 8 + k) + entriesAtOnce + predictions) << 2) + 63) & ~63
}

/**
 * `subspaceSolver` of schemas/math/subspace.ts for rows [from, to), in f32: blocks of eight dimensions in their order. k is a
 * multiple of 8, `symmetric` is α0 YᵀY in panels, lambdas[n] the λ of a row of n entries.
 */
export function sweepRows(
  from: usize,
  to: usize,
  starts: usize,
  indicesAt: usize,
  valuesAt: usize,
  fixedAt: usize,
  solved: usize,
  k: usize,
  symmetric: usize,
  lambdas: usize,
  longest: usize,
  scratch: usize,
): void {
  indices = indicesAt
  values = valuesAt
  fixed = fixedAt
  bytes = k << 2
  matrix = scratch
  side = matrix + 256
  notes = side + 32
  image = notes + rowsAtOnce * noteBytes
  x = image + rowsAtOnce * 32
  const addresses = x + rowsAtOnce * bytes
  const predictions = addresses + (entriesAtOnce << 2)

  let held: usize = 0
  for (let row = from; row < to; row++) {
    const start = load<u32>(starts + (row << 2))
    const end = load<u32>(starts + (row << 2), 4)
    const own = solved + row * bytes
    if (start == end) {
      memory.fill(own, 0, bytes)
      continue
    }
    const note = notes + held * noteBytes
    store<u32>(note, own)
    store<u32>(note, start, 4)
    store<u32>(note, end - start, 8)
    store<f32>(note, load<f32>(lambdas + ((<usize>(end - start)) << 2)), 12)
    store<u32>(note, predictions + held * (((longest + 3) & ~3) << 2), 16)
    held++
    if (held == rowsAtOnce) {
      sweepTogether(held, symmetric, addresses)
      held = 0
    }
  }
  if (held > 0) sweepTogether(held, symmetric, addresses)
}

function sweepTogether(rows: usize, panels: usize, addresses: usize): void {
  const whole = (rows + 3) & ~3
  for (let row: usize = 0; row < rows; row++) {
    const note = notes + row * noteBytes
    const own = x + row * bytes
    memory.copy(own, load<u32>(note), bytes)
    const start = <usize>load<u32>(note, 4)
    const count = <usize>load<u32>(note, 8)
    for (let first: usize = 0; first < count; first += entriesAtOnce) {
      const taken = min(entriesAtOnce, count - first)
      locate(addresses, indices + ((start + first) << 2), taken, fixed, bytes)
      fetchVectors(addresses, taken, bytes)
      innerProducts(<usize>load<u32>(note, 16) + (first << 2), addresses, taken, own, bytes)
    }
  }
  if (whole > rows) memory.fill(x + rows * bytes, 0, (whole - rows) * bytes)
  for (let at: usize = 0; at < bytes; at += 32) {
    const panel = panels + at * (bytes >> 2)
    multiplyPanel(image, 32, x, whole, panel, bytes >> 2)
    for (let row: usize = 0; row < rows; row++) stepBlock(row, at, panel + (at << 3))
  }
  for (let row: usize = 0; row < rows; row++) memory.copy(load<u32>(notes + row * noteBytes), x + row * bytes, bytes)
}

/** One block of one row, where image = α0 (YᵀY)_π x; `square` holds α0 (YᵀY)_ππ. */
function stepBlock(row: usize, at: usize, square: usize): void {
  const note = notes + row * noteBytes
  const own = x + row * bytes + at
  assemble(note, own, at, image + row * 32, square)
  solveEight()
  const d0 = v128.load(side)
  const d1 = v128.load(side, 16)
  v128.store(own, f32x4.add(v128.load(own), d0))
  v128.store(own, f32x4.add(v128.load(own, 16), d1), 16)
  if (at + 32 == bytes) return
  const index = indices + ((<usize>load<u32>(note, 4)) << 2)
  const count = <usize>load<u32>(note, 8)
  const predictions = <usize>load<u32>(note, 16)
  const from = fixed + at
  let j: usize = 0
  for (; j + 4 <= count; j += 4) {
    const a = from + load<u32>(index + (j << 2)) * bytes
    const b = from + load<u32>(index + (j << 2), 4) * bytes
    const c = from + load<u32>(index + (j << 2), 8) * bytes
    const d = from + load<u32>(index + (j << 2), 12) * bytes
    const moved = laneSums(
      f32x4.relaxed_madd(v128.load(a), d0, f32x4.mul(v128.load(a, 16), d1)),
      f32x4.relaxed_madd(v128.load(b), d0, f32x4.mul(v128.load(b, 16), d1)),
      f32x4.relaxed_madd(v128.load(c), d0, f32x4.mul(v128.load(c, 16), d1)),
      f32x4.relaxed_madd(v128.load(d), d0, f32x4.mul(v128.load(d, 16), d1)),
    )
    const to = predictions + (j << 2)
    v128.store(to, f32x4.add(v128.load(to), moved))
  }
  for (; j < count; j++) {
    const y = from + load<u32>(index + (j << 2)) * bytes
    const moved = laneSum(f32x4.relaxed_madd(v128.load(y), d0, f32x4.mul(v128.load(y, 16), d1)))
    store<f32>(predictions + (j << 2), load<f32>(predictions + (j << 2)) + moved)
  }
}

/** The upper triangle of the block's matrix, and some numbers below it, and its right side. */
function assemble(note: usize, own: usize, at: usize, seen: usize, square: usize): void {
  const lambda = f32x4.splat(load<f32>(note, 12))
  let s0 = f32x4.neg(f32x4.relaxed_madd(v128.load(own), lambda, v128.load(seen)))
  let s1 = f32x4.neg(f32x4.relaxed_madd(v128.load(own, 16), lambda, v128.load(seen, 16)))
  let m00 = v128.load(square)
  let m01 = v128.load(square, 16)
  let m10 = v128.load(square, 32)
  let m11 = v128.load(square, 48)
  let m20 = v128.load(square, 64)
  let m21 = v128.load(square, 80)
  let m30 = v128.load(square, 96)
  let m31 = v128.load(square, 112)
  let m41 = v128.load(square, 144)
  let m51 = v128.load(square, 176)
  let m61 = v128.load(square, 208)
  let m71 = v128.load(square, 240)
  const start = (<usize>load<u32>(note, 4)) << 2
  const end = (<usize>load<u32>(note, 8)) << 2
  const predictions = <usize>load<u32>(note, 16)
  const from = fixed + at
  for (let j: usize = 0; j < end; j += 4) {
    const y = from + load<u32>(indices + start + j) * bytes
    const value = load<f32>(values + start + j)
    const predicted = load<f32>(predictions + j)
    const y0 = v128.load(y)
    const y1 = v128.load(y, 16)
    const pull = f32x4.splat(value > 0 ? value * (1 - predicted) : value * predicted)
    s0 = f32x4.relaxed_madd(y0, pull, s0)
    s1 = f32x4.relaxed_madd(y1, pull, s1)
    const weight = f32x4.splat(abs(value))
    const w0 = f32x4.mul(y0, weight)
    const w1 = f32x4.mul(y1, weight)
    const n0 = v128.load_splat<f32>(y)
    m00 = f32x4.relaxed_madd(n0, w0, m00)
    m01 = f32x4.relaxed_madd(n0, w1, m01)
    const n1 = v128.load_splat<f32>(y, 4)
    m10 = f32x4.relaxed_madd(n1, w0, m10)
    m11 = f32x4.relaxed_madd(n1, w1, m11)
    const n2 = v128.load_splat<f32>(y, 8)
    m20 = f32x4.relaxed_madd(n2, w0, m20)
    m21 = f32x4.relaxed_madd(n2, w1, m21)
    const n3 = v128.load_splat<f32>(y, 12)
    m30 = f32x4.relaxed_madd(n3, w0, m30)
    m31 = f32x4.relaxed_madd(n3, w1, m31)
    m41 = f32x4.relaxed_madd(v128.load_splat<f32>(y, 16), w1, m41)
    m51 = f32x4.relaxed_madd(v128.load_splat<f32>(y, 20), w1, m51)
    m61 = f32x4.relaxed_madd(v128.load_splat<f32>(y, 24), w1, m61)
    m71 = f32x4.relaxed_madd(v128.load_splat<f32>(y, 28), w1, m71)
  }
  v128.store(side, s0)
  v128.store(side, s1, 16)
  v128.store(matrix, m00)
  v128.store(matrix, m01, 16)
  v128.store(matrix, m10, 32)
  v128.store(matrix, m11, 48)
  v128.store(matrix, m20, 64)
  v128.store(matrix, m21, 80)
  v128.store(matrix, m30, 96)
  v128.store(matrix, m31, 112)
  v128.store(matrix, m41, 144)
  v128.store(matrix, m51, 176)
  v128.store(matrix, m61, 208)
  v128.store(matrix, m71, 240)
  const regularised = load<f32>(note, 12)
  for (let i: usize = 0; i < 8 * 36; i += 36) store<f32>(matrix + i, load<f32>(matrix + i) + regularised)
}

/** side ← matrix⁻¹ side by elimination, from the upper triangle; without pivots, which a positive definite matrix needs not. */
function solveEight(): void {
  for (let row: usize = 0; row < 8; row++) {
    const own = matrix + row * 32
    const pivot = load<f32>(own + (row << 2))
    const inverse: f32 = pivot > 0 ? 1 / pivot : 0
    store<f32>(own + (row << 2), inverse)
    const low = v128.load(own)
    const high = v128.load(own, 16)
    const known = load<f32>(side + (row << 2))
    for (let below = row + 1; below < 8; below++) {
      const factor = load<f32>(own + (below << 2)) * inverse
      const other = matrix + below * 32
      const times = f32x4.splat(factor)
      if (below < 4) v128.store(other, f32x4.relaxed_nmadd(times, low, v128.load(other)))
      v128.store(other, f32x4.relaxed_nmadd(times, high, v128.load(other, 16)), 16)
      store<f32>(side + (below << 2), load<f32>(side + (below << 2)) - factor * known)
    }
  }
  for (let row: usize = 8; row-- > 0;) {
    const own = matrix + row * 32
    let left = load<f32>(side + (row << 2))
    for (let behind = row + 1; behind < 8; behind++)
      left -= load<f32>(own + (behind << 2)) * load<f32>(side + (behind << 2))
    store<f32>(side + (row << 2), left * load<f32>(own + (row << 2)))
  }
}
