import { laneSums } from './entries'
import { dot } from './vector'

/** scores[r] = vector r · query for `rows` vectors of any k one behind the other, four side by side. */
export function scoreRows(scores: usize, vectors: usize, rows: usize, query: usize, k: usize): void {
  const bytes = k << 2
  const whole = bytes & ~31
  let row: usize = 0
  for (; row + 4 <= rows; row += 4) {
    const a = vectors + row * bytes
    const b = a + bytes
    const c = b + bytes
    const d = c + bytes
    let a0 = f32x4.splat(0)
    let a1 = f32x4.splat(0)
    let b0 = f32x4.splat(0)
    let b1 = f32x4.splat(0)
    let c0 = f32x4.splat(0)
    let c1 = f32x4.splat(0)
    let d0 = f32x4.splat(0)
    let d1 = f32x4.splat(0)
    for (let i: usize = 0; i < whole; i += 32) {
      const q0 = v128.load(query + i)
      const q1 = v128.load(query + i, 16)
      a0 = f32x4.relaxed_madd(v128.load(a + i), q0, a0)
      b0 = f32x4.relaxed_madd(v128.load(b + i), q0, b0)
      c0 = f32x4.relaxed_madd(v128.load(c + i), q0, c0)
      d0 = f32x4.relaxed_madd(v128.load(d + i), q0, d0)
      a1 = f32x4.relaxed_madd(v128.load(a + i, 16), q1, a1)
      b1 = f32x4.relaxed_madd(v128.load(b + i, 16), q1, b1)
      c1 = f32x4.relaxed_madd(v128.load(c + i, 16), q1, c1)
      d1 = f32x4.relaxed_madd(v128.load(d + i, 16), q1, d1)
    }
    let sums = laneSums(f32x4.add(a0, a1), f32x4.add(b0, b1), f32x4.add(c0, c1), f32x4.add(d0, d1))
    for (let i = whole; i < bytes; i += 4) {
      let numbers = f32x4.splat(load<f32>(a + i))
      numbers = f32x4.replace_lane(numbers, 1, load<f32>(b + i))
      numbers = f32x4.replace_lane(numbers, 2, load<f32>(c + i))
      numbers = f32x4.replace_lane(numbers, 3, load<f32>(d + i))
      sums = f32x4.relaxed_madd(numbers, v128.load_splat<f32>(query + i), sums)
    }
    v128.store(scores + (row << 2), sums)
  }
  for (; row < rows; row++) {
    const at = vectors + row * bytes
    let sum = dot(at, query, whole)
    for (let i = whole; i < bytes; i += 4) sum += load<f32>(at + i) * load<f32>(query + i)
    store<f32>(scores + (row << 2), sum)
  }
}

/** The largest squared length of `rows` vectors of any k; NaN where one has a NaN. */
export function longestSquared(vectors: usize, rows: usize, k: usize): f32 {
  const bytes = k << 2
  const whole = bytes & ~31
  let longest: f32 = 0
  for (let at = vectors, end = vectors + rows * bytes; at < end; at += bytes) {
    let sum = dot(at, at, whole)
    for (let i = whole; i < bytes; i += 4) sum += load<f32>(at + i) * load<f32>(at + i)
    longest = max(longest, sum)
  }
  return longest
}

/** Writes which of the scores are at least this, ascending, and returns how many; `rows` is rounded up to a multiple of 4. */
export function atLeast(target: usize, scores: usize, rows: usize, least: f32): usize {
  const bound = f32x4.splat(least)
  let end = target
  for (let row: usize = 0; row < rows; row += 4) {
    let mask = i32x4.bitmask(f32x4.ge(v128.load(scores + (row << 2)), bound))
    for (; mask !== 0; mask &= mask - 1) {
      store<u32>(end, <u32>row + ctz(mask))
      end += 4
    }
  }
  return (end - target) >> 2
}
