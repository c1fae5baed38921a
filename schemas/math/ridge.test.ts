import { describe, expect, test } from 'vitest'
import type { SparseRows } from '../ports/solver.ts'
import { eliminate } from './dense-system.fixture.ts'
import { randomFactors, randomInteractions } from './random-problem.fixture.ts'
import { solveRidge } from './ridge.ts'

const columns = 12

/** (FᵀF + λI) W = FᵀY by elimination. */
function exact({ rows, starts, indices, values }: SparseRows, targets: Float32Array, lambda: number): number[] {
  const dense = Array.from({ length: rows }, (_, row) => {
    const line = Array.from({ length: columns }, () => 0)
    for (let at = starts[row]!; at < starts[row + 1]!; at++) line[indices[at]!] = values[at]!
    return line
  })
  const sum = (of: (line: number[], row: number) => number): number =>
    dense.reduce((total, line, row) => total + of(line, row), 0)
  const normal = () =>
    Array.from({ length: columns }, (_, i) =>
      Array.from({ length: columns }, (_, j) => sum((line) => line[i]! * line[j]!) + (i === j ? lambda : 0)),
    )
  const byColumn = [0, 1, 2].map((c) => {
    const side = Array.from({ length: columns }, (_, i) => sum((line, row) => line[i]! * targets[row * 3 + c]!))
    return eliminate(normal(), side)
  })
  return Array.from({ length: columns * 3 }, (_, at) => byColumn[at % 3]![Math.floor(at / 3)]!)
}

describe('Ridge regression', () => {
  test.each([
    ['fewer rows than columns: the dual form', 4],
    ['as many', 12],
    ['many rows: the primal form', 80],
  ])('solves the normal equations of every column with %s', (_, rows) => {
    const features = randomInteractions({ rows, columns, seed: 1 })
    const targets = randomFactors(rows, 3, 2)
    const weights = solveRidge({ features, targets, lambda: 0.7 })
    const expected = exact(features, targets.data, 0.7)
    for (const [at, value] of expected.entries()) expect(weights[at]).toBeCloseTo(value, 5)
  })

  test('features that no row has, targets of zero and no rows at all give zeros', () => {
    const features = { ...randomInteractions({ rows: 80, columns, seed: 1 }), columns: 14 }
    const targets = randomFactors(80, 3, 2)
    const weights = solveRidge({ features, targets, lambda: 0.7 })
    expect([...weights.subarray(columns * 3)]).toEqual([0, 0, 0, 0, 0, 0])
    const silent = { ...targets, data: new Float32Array(240) }
    expect(solveRidge({ features, targets: silent, lambda: 1 }).every((weight) => weight === 0)).toBe(true)
    const none = randomInteractions({ rows: 0, columns, seed: 1 })
    expect(solveRidge({ features: none, targets: randomFactors(0, 3, 1), lambda: 1 })).toEqual(new Float32Array(36))
  })
})
