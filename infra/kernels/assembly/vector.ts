// Vectors are addresses of f32 numbers; lengths are in bytes and multiples of 32.

/** Sum of the four lanes, in a fixed order. */
export function laneSum(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
}

/** a·b */
export function dot(a: usize, b: usize, bytes: usize): f32 {
  let s0 = f32x4.splat(0)
  let s1 = f32x4.splat(0)
  for (let i: usize = 0; i < bytes; i += 32) {
    s0 = f32x4.relaxed_madd(v128.load(a + i), v128.load(b + i), s0)
    s1 = f32x4.relaxed_madd(v128.load(a + i, 16), v128.load(b + i, 16), s1)
  }
  return laneSum(f32x4.add(s0, s1))
}

/** target += factor · source */
export function addScaled(target: usize, factor: f32, source: usize, bytes: usize): void {
  const w = f32x4.splat(factor)
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(target + i, f32x4.relaxed_madd(v128.load(source + i), w, v128.load(target + i)))
  }
}

/** target = source + factor · target */
export function turn(target: usize, factor: f32, source: usize, bytes: usize): void {
  const w = f32x4.splat(factor)
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(target + i, f32x4.relaxed_madd(v128.load(target + i), w, v128.load(source + i)))
  }
}
