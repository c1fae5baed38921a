import { laneSum } from './vector'

/** A scale below this would have no finite inverse: such a row stands as zeros. */
const leastScale: f32 = 1e-30

/**
 * `rows` vectors of any k as int8: each number over its vector's scale, a 127th of the largest, rounded. A vector takes `width`
 * bytes, a multiple of 8, with zeros behind. Returns the largest squared distance between a vector and what stands for it.
 */
export function quantiseRows(target: usize, scales: usize, vectors: usize, rows: usize, k: usize, width: usize): f32 {
  const bytes = k << 2
  const whole = bytes & ~31
  let farthest: f32 = 0
  for (let row: usize = 0; row < rows; row++) {
    const from = vectors + row * bytes
    const to = target + row * width
    const scale = largest(from, bytes, whole) / 127
    const isTiny = !(scale > leastScale)
    const inverse: f32 = isTiny ? 0 : 1 / scale
    store<f32>(scales + (row << 2), isTiny ? 0 : scale)
    const times = f32x4.splat(inverse)
    const unit = f32x4.splat(isTiny ? 0 : scale)
    let off = f32x4.splat(0)
    for (let i: usize = 0; i < whole; i += 32) {
      const low = v128.load(from + i)
      const high = v128.load(from + i, 16)
      const nearLow = f32x4.nearest(f32x4.mul(low, times))
      const nearHigh = f32x4.nearest(f32x4.mul(high, times))
      const offLow = f32x4.sub(low, f32x4.mul(nearLow, unit))
      const offHigh = f32x4.sub(high, f32x4.mul(nearHigh, unit))
      off = f32x4.relaxed_madd(offLow, offLow, f32x4.relaxed_madd(offHigh, offHigh, off))
      const numbers = i16x8.narrow_i32x4_s(i32x4.trunc_sat_f32x4_s(nearLow), i32x4.trunc_sat_f32x4_s(nearHigh))
      v128.store64_lane(to + (i >> 2), i8x16.narrow_i16x8_s(numbers, numbers), 0)
    }
    let sum = laneSum(off)
    for (let i = whole >> 2; i < width; i++) {
      const value: f32 = i < k ? load<f32>(from + (i << 2)) : 0
      const near = nearest(value * inverse)
      const difference = value - near * (isTiny ? 0 : scale)
      sum += difference * difference
      store<i8>(to + i, <i8>near)
    }
    farthest = max(farthest, sum)
  }
  return farthest
}

/** The largest number of a vector without its sign. */
function largest(vector: usize, bytes: usize, whole: usize): f32 {
  let most4 = f32x4.splat(0)
  for (let i: usize = 0; i < whole; i += 16) most4 = f32x4.max(most4, f32x4.abs(v128.load(vector + i)))
  let most = max(
    max(f32x4.extract_lane(most4, 0), f32x4.extract_lane(most4, 1)),
    max(f32x4.extract_lane(most4, 2), f32x4.extract_lane(most4, 3)),
  )
  for (let i = whole; i < bytes; i += 4) most = max(most, abs(load<f32>(vector + i)))
  return most
}

/**
 * scores[r] = factor · scales[r] · (row r of int8 · query of int16), the sum exact, for a multiple of 4 rows of `width` bytes, at most
 * 512: then no sum exceeds 31 bits.
 */
export function scoreQuantised(
  scores: usize,
  numbers: usize,
  scales: usize,
  rows: usize,
  query: usize,
  width: usize,
  factor: f32,
): void {
  const unit = f32x4.splat(factor)
  for (let row: usize = 0; row < rows; row += 4) {
    const a = numbers + row * width
    const b = a + width
    const c = b + width
    const d = c + width
    let a0 = i32x4.splat(0)
    let b0 = i32x4.splat(0)
    let c0 = i32x4.splat(0)
    let d0 = i32x4.splat(0)
    for (let i: usize = 0; i < width; i += 8) {
      const q = v128.load(query + (i << 1))
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(v128.load8x8_s(a + i), q))
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(v128.load8x8_s(b + i), q))
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(v128.load8x8_s(c + i), q))
      d0 = i32x4.add(d0, i32x4.dot_i16x8_s(v128.load8x8_s(d + i), q))
    }
    const ab = i32x4.add(v128.shuffle<i32>(a0, b0, 0, 4, 2, 6), v128.shuffle<i32>(a0, b0, 1, 5, 3, 7))
    const cd = i32x4.add(v128.shuffle<i32>(c0, d0, 0, 4, 2, 6), v128.shuffle<i32>(c0, d0, 1, 5, 3, 7))
    const sums = i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7))
    const scale = f32x4.mul(v128.load(scales + (row << 2)), unit)
    v128.store(scores + (row << 2), f32x4.mul(f32x4.convert_i32x4_s(sums), scale))
  }
}
