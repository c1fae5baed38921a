import { describe, expect, it } from 'vitest'
import { factorCholesky } from '#schemas/math/cholesky.ts'
import { seededRandom } from '#schemas/math/random.ts'
import type { SparseRows } from '#schemas/ports/solver.ts'
import { normalEquations } from './normal-equations.ts'

const [users, items] = [4_000, 8]
const random = seededRandom(9)
/** Items × users, 0 for no like; neighbours in number are liked by the same users more often. */
const likes = Array.from({ length: items }, () => new Float32Array(users))
for (let user = 0; user < users; user++) {
  const taste = random()
  for (let item = 0; item < items; item++) {
    if (random() < 0.5 - Math.abs(taste - item / items) / 2) likes[item]![user] = 0.5 + random()
  }
}
const byItem = rowsOf(likes)
const chosen = Uint32Array.of(2, 5, 1, 6)
const target = 3

describe('Normal equations', () => {
  it('hold the products of likes', () => {
    const equationsOf = normalEquations(byItem, 50, 1e9)
    equationsOf(Uint32Array.of(0, 7), 4)
    const { matrix, target: sums } = equationsOf(chosen, target)
    for (const [i, row] of chosen.entries()) {
      for (let j = 0; j <= i; j++) expect(matrix[i * chosen.length + j]).toBeCloseTo(product(row, chosen[j]!), 3)
      expect(sums[i]).toBeCloseTo(product(row, target), 3)
    }
    expect(equationsOf(new Uint32Array(0), target).matrix).toHaveLength(0)
  })

  it('of a sample of users are about as large, and still those of likes somebody has', () => {
    const { matrix, target: sums } = normalEquations(byItem, 50, 1_000)(chosen, target)
    const n = chosen.length
    for (const [i, row] of chosen.entries()) {
      expect(matrix[i * n + i]! / product(row, row)).toBeGreaterThan(0.8)
      expect(matrix[i * n + i]! / product(row, row)).toBeLessThan(1.2)
      expect(sums[i]! / product(row, target)).toBeGreaterThan(0.75)
      expect(sums[i]! / product(row, target)).toBeLessThan(1.25)
    }
    expect(matrix[0]).not.toBeCloseTo(product(chosen[0]!, chosen[0]!), 3)
    factorCholesky(matrix, n)
  })
})

function product(a: number, b: number): number {
  return likes[a]!.reduce((sum, liking, user) => sum + liking * likes[b]![user]!, 0)
}

function rowsOf(dense: readonly Float32Array[]): SparseRows {
  const entries = dense.map((row) => Array.from(row.entries()).filter(([, value]) => value > 0))
  const starts = new Uint32Array(dense.length + 1)
  for (const [i, row] of entries.entries()) starts[i + 1] = starts[i]! + row.length
  return {
    rows: dense.length,
    columns: users,
    starts,
    indices: Uint32Array.from(entries.flat(), ([user]) => user),
    values: Float32Array.from(entries.flat(), ([, value]) => value),
  }
}
