import { dot } from './vector'
import { laneSums } from './entries'

/** scores[r] = vector r · query for `rows` vectors one behind the other, four side by side. */
export function scoreRows(scores: usize, vectors: usize, rows: usize, query: usize, k: usize): void {
  const bytes = k << 2
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
    for (let i: usize = 0; i < bytes; i += 32) {
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
    v128.store(
      scores + (row << 2),
      laneSums(f32x4.add(a0, a1), f32x4.add(b0, b1), f32x4.add(c0, c1), f32x4.add(d0, d1)),
    )
  }
  for (; row < rows; row++) store<f32>(scores + (row << 2), dot(vectors + row * bytes, query, bytes))
}
