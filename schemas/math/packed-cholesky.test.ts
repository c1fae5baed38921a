import { expect, test } from 'vitest'
import { factorCholesky, solveCholesky } from './cholesky.ts'
import { factorPacked, packedLength, packedRow, solvePacked } from './packed-cholesky.ts'
import { seededRandom } from './random.ts'

function positiveDefinite(n: number): Float64Array {
  const random = seededRandom(n)
  const a = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = random() - 0.5
    a[i * n + i] = n
  }
  return a
}

function packed(a: Float64Array, n: number): Float64Array {
  const triangle = new Float64Array(packedLength(n))
  for (let i = 0; i < n; i++) triangle.set(a.subarray(i * n, i * n + i + 1), packedRow(i))
  return triangle
}

test.each([0, 1, 3, 31, 32, 33, 101])('a system of %i is solved as the readable factorisation solves it', (n) => {
  const a = positiveDefinite(n)
  const triangle = packed(a, n)
  const sides = Float64Array.from({ length: n * 2 }, (_, i) => Math.sin(i))
  const columns = [0, 1].map((c) => Float64Array.from({ length: n }, (_, i) => sides[i * 2 + c]!))
  factorPacked(triangle, n)
  solvePacked(triangle, n, sides, 2)
  factorCholesky(a, n)
  for (const [c, column] of columns.entries()) {
    solveCholesky(a, n, column)
    for (let i = 0; i < n; i++) expect(sides[i * 2 + c]).toBeCloseTo(column[i]!, 10)
  }
})

test('a matrix that is not positive definite is refused', () => {
  for (const diagonal of [0, -1, NaN]) {
    const triangle = packed(positiveDefinite(40), 40)
    triangle[packedRow(39) + 39] = diagonal
    expect(() => factorPacked(triangle, 40)).toThrow(expect.objectContaining({ code: 'broken-invariant' }))
  }
})
