import { addWeighted, entriesAtOnce, fetchVectors, innerProducts, locate } from './entries'
import { multiplyPanels } from './panels'
import { addScaled, dot, turn } from './vector'

/** Rows solved side by side, so that a panel of the Gramian is read once for all of them. */
export const rowsAtOnce: usize = 8

/** Squared length of a residual below which a row is as good as float32 can say. */
const converged: f32 = 1e-20

// The problem of the call under way: one instance of this module runs on one thread.
let indices: usize = 0
let values: usize = 0
let fixed: usize = 0
let width: usize = 0
let panels: usize = 0
let bytes: usize = 0

// Places in the scratch memory of this thread: lists of entries, then `rowsAtOnce` vectors of each kind.
let addresses: usize = 0
let weights: usize = 0
let rowList: usize = 0
let x: usize = 0
let residual: usize = 0
let direction: usize = 0
let image: usize = 0

/** Bytes of scratch memory that `solveRows` needs. */
export function solveRowsScratch(k: usize): usize {
  return (entriesAtOnce * 2 + rowsAtOnce * 5 + rowsAtOnce * k * 4) << 2
}

/**
 * `rowSolver` of schemas/math/conjugate-gradient.ts for rows [from, to), in f32: the same steps in the same order, with
 * the product α0 YᵀY p of several rows taken together. k is a multiple of 8. `symmetric` is α0 YᵀY in panels, lambdas[n] the λ
 * of a row of n entries.
 */
export function solveRows(
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
  steps: i32,
  scratch: usize,
): void {
  indices = indicesAt
  values = valuesAt
  fixed = fixedAt
  width = k
  bytes = k << 2
  panels = symmetric
  addresses = scratch
  weights = addresses + (entriesAtOnce << 2)
  rowList = weights + (entriesAtOnce << 2)
  x = rowList + rowsAtOnce * 5 * 4
  residual = x + rowsAtOnce * bytes
  direction = residual + rowsAtOnce * bytes
  image = direction + rowsAtOnce * bytes

  let held: usize = 0
  for (let row = from; row < to; row++) {
    const start = load<u32>(starts + (row << 2))
    const end = load<u32>(starts + (row << 2), 4)
    const own = solved + row * bytes
    if (start == end) {
      memory.fill(own, 0, bytes)
      continue
    }
    const note = rowList + held * 20
    store<u32>(note, own)
    store<u32>(note, start, 4)
    store<u32>(note, end - start, 8)
    store<f32>(note, load<f32>(lambdas + ((<usize>(end - start)) << 2)), 12)
    held++
    if (held == rowsAtOnce) {
      solveTogether(held, steps)
      held = 0
    }
  }
  if (held > 0) solveTogether(held, steps)
}

/** Conjugate gradient on the rows noted. */
function solveTogether(rows: usize, steps: i32): void {
  const whole = (rows + 3) & ~3
  for (let row: usize = 0; row < whole; row++) {
    if (row < rows) memory.copy(x + row * bytes, load<u32>(rowList + row * 20), bytes)
    else memory.fill(x + row * bytes, 0, bytes)
  }
  multiplyPanels(image, x, whole, panels, width)
  for (let row: usize = 0; row < rows; row++) startRow(row)
  if (whole > rows) memory.fill(direction + rows * bytes, 0, (whole - rows) * bytes)
  for (let step = 1; step <= steps; step++) {
    multiplyPanels(image, direction, whole, panels, width)
    for (let row: usize = 0; row < rows; row++) stepRow(row, step == steps)
  }
  for (let row: usize = 0; row < rows; row++) memory.copy(load<u32>(rowList + row * 20), x + row * bytes, bytes)
}

/** residual = direction = Σ c (p − y·x) y − α0 YᵀY x − λ x, where image = α0 YᵀY x. */
function startRow(row: usize): void {
  const note = rowList + row * 20
  const lambda = f32x4.splat(load<f32>(note, 12))
  const own = x + row * bytes
  const left = residual + row * bytes
  for (let i: usize = 0; i < bytes; i += 16) {
    const pulled = f32x4.relaxed_madd(v128.load(own + i), lambda, v128.load(image + row * bytes + i))
    v128.store(left + i, f32x4.neg(pulled))
  }
  const count = <usize>load<u32>(note, 8)
  const start = <usize>load<u32>(note, 4)
  for (let first: usize = 0; first < count; first += entriesAtOnce) {
    const taken = min(entriesAtOnce, count - first)
    locate(addresses, indices + ((start + first) << 2), taken, fixed, bytes)
    fetchVectors(addresses, taken, bytes)
    innerProducts(weights, addresses, taken, own, bytes)
    for (let j: usize = 0; j < taken << 2; j += 4) {
      const value = load<f32>(values + ((start + first) << 2) + j)
      const predicted = load<f32>(weights + j)
      store<f32>(weights + j, value > 0 ? value * (1 - predicted) : value * predicted)
    }
    addWeighted(left, addresses, weights, taken, bytes)
  }
  memory.copy(direction + row * bytes, left, bytes)
  store<f32>(note, dot(left, left, bytes), 16)
}

/**
 * One step of conjugate gradient of one row, where image = α0 YᵀY p. The last step needs no new residual: only
 * pᵀA p = pᵀ(α0 YᵀY + λ I) p + Σ c (y·p)².
 */
function stepRow(row: usize, isLast: bool): void {
  const note = rowList + row * 20
  const squared = load<f32>(note, 16)
  if (!(squared > converged)) return
  const along = direction + row * bytes
  const seen = image + row * bytes
  addScaled(seen, load<f32>(note, 12), along, bytes)
  let curvature: f32 = isLast ? dot(along, seen, bytes) : 0
  const count = <usize>load<u32>(note, 8)
  const start = <usize>load<u32>(note, 4)
  for (let first: usize = 0; first < count; first += entriesAtOnce) {
    const taken = min(entriesAtOnce, count - first)
    locate(addresses, indices + ((start + first) << 2), taken, fixed, bytes)
    innerProducts(weights, addresses, taken, along, bytes)
    for (let j: usize = 0; j < taken << 2; j += 4) {
      const product = load<f32>(weights + j)
      const pull = abs(load<f32>(values + ((start + first) << 2) + j)) * product
      if (isLast) curvature += pull * product
      else store<f32>(weights + j, pull)
    }
    if (!isLast) addWeighted(seen, addresses, weights, taken, bytes)
  }
  if (!isLast) curvature = dot(along, seen, bytes)
  if (!(curvature > 0)) return
  const length = squared / curvature
  addScaled(x + row * bytes, length, along, bytes)
  if (isLast) return
  const left = residual + row * bytes
  addScaled(left, -length, seen, bytes)
  const next = dot(left, left, bytes)
  turn(along, next / squared, left, bytes)
  store<f32>(note, next, 16)
}
