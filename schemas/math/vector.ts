/**
 * Inner product of `width` numbers of `a` from `aStart` and of `b` from `bStart`, in float64. Four sums side by side:
 * the processor need not wait for one addition before the next, and the order of additions is fixed.
 */
export function dot(a: Float32Array, aStart: number, b: Float32Array, bStart: number, width: number): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  const whole = width - (width & 3)
  for (let i = 0; i < whole; i += 4) {
    s0 += a[aStart + i]! * b[bStart + i]!
    s1 += a[aStart + i + 1]! * b[bStart + i + 1]!
    s2 += a[aStart + i + 2]! * b[bStart + i + 2]!
    s3 += a[aStart + i + 3]! * b[bStart + i + 3]!
  }
  for (let i = whole; i < width; i++) s0 += a[aStart + i]! * b[bStart + i]!
  return s0 + s1 + (s2 + s3)
}
