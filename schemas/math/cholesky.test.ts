import { describe, expect, test } from 'vitest'
import { factorCholesky, solveCholesky, substituteForward } from './cholesky.ts'
import { eliminate } from './dense-system.fixture.ts'
import { addOuterProducts, mirrorLower } from './gramian.ts'
import { randomFactors } from './random-problem.fixture.ts'

describe('Cholesky', () => {
  test('factors a matrix worked out by hand', () => {
    const a = Float64Array.of(4, 0, 0, 12, 37, 0, -16, -43, 98)
    factorCholesky(a, 3)
    expect([...a]).toEqual([2, 0, 0, 6, 1, 0, -8, 5, 3])
  })

  test.each([1, 2, 5, 64])('solves as Gaussian elimination does, for k = %i', (k) => {
    const { data } = randomFactors(k + 10, k, 1)
    const a = new Float64Array(k * k)
    addOuterProducts(a, data, k, 0, k + 10)
    mirrorLower(a, k)
    const matrix = Array.from({ length: k }, (_, i) => [...a.subarray(i * k, (i + 1) * k)])
    const side = Float64Array.from({ length: k }, (_, i) => Math.sin(i + 1))
    const expected = eliminate(matrix, [...side])
    factorCholesky(a, k)
    const length = side.slice()
    substituteForward(a, k, length)
    const solution = side.slice()
    solveCholesky(a, k, solution)
    for (let i = 0; i < k; i++) expect(solution[i]).toBeCloseTo(expected[i]!, 7)
    const squared = length.reduce((sum, value) => sum + value * value, 0)
    expect(squared).toBeCloseTo(
      side.reduce((sum, value, i) => sum + value * expected[i]!, 0),
      7,
    )
  })

  test.each([
    ['indefinite', [1, 2, 2, 1]],
    ['singular', [1, 1, 1, 1]],
    ['zero', [0, 0, 0, 0]],
    ['not a number', [NaN, 0, 0, 1]],
    ['infinite', [Infinity, 0, 0, 1]],
  ])('a matrix that is %s is refused, not answered with NaN', (_, entries) => {
    const a = Float64Array.from(entries)
    expect(() => factorCholesky(a, 2)).toThrow(expect.objectContaining({ code: 'broken-invariant' }))
  })
})
