import { describe, expect, test } from 'vitest'
import { eliminate } from './dense-system.fixture.ts'
import { randomFactors, randomInteractions } from './random-problem.fixture.ts'
import { ridgeRegression } from './ridge.ts'

const columns = 12

function problem(rows: number) {
  const { starts, indices, values } = randomInteractions({ rows, columns, seed: 1 })
  const targets = randomFactors(rows, 3, 2)
  return Array.from({ length: rows }, (_, row) => ({
    features: {
      indices: indices.slice(starts[row], starts[row + 1]),
      values: values.slice(starts[row], starts[row + 1]),
    },
    target: targets.data.slice(row * 3, (row + 1) * 3),
  }))
}

function fitted(rows: ReturnType<typeof problem>, lambda: number, width = columns): Float32Array {
  const regression = ridgeRegression({ columns: width, k: 3, lambda })
  for (const { features, target } of rows) regression.add(features, target)
  expect(regression.rows()).toBe(rows.length)
  return regression.solve()
}

/** (FᵀF + λI) W = FᵀY by elimination. */
function exact(rows: ReturnType<typeof problem>, lambda: number): number[] {
  const dense = rows.map(({ features }) => {
    const line = Array.from({ length: columns }, () => 0)
    for (const [at, index] of features.indices.entries()) line[index] = features.values[at]!
    return line
  })
  const sum = (of: (line: number[], row: number) => number): number =>
    dense.reduce((total, line, row) => total + of(line, row), 0)
  const normal = () =>
    Array.from({ length: columns }, (_, i) =>
      Array.from({ length: columns }, (_, j) => sum((line) => line[i]! * line[j]!) + (i === j ? lambda : 0)),
    )
  const byColumn = [0, 1, 2].map((c) => {
    const side = Array.from({ length: columns }, (_, i) => sum((line, row) => line[i]! * rows[row]!.target[c]!))
    return eliminate(normal(), side)
  })
  return Array.from({ length: columns * 3 }, (_, at) => byColumn[at % 3]![Math.floor(at / 3)]!)
}

describe('Ridge regression', () => {
  test.each([
    ['far fewer rows than columns: the dual form', 4],
    ['hardly more rows than columns: held, then the primal form', 12],
    ['many rows: added to the normal equations as they come', 80],
  ])('solves the normal equations of every column with %s', (_, count) => {
    const rows = problem(count)
    const weights = fitted(rows, 0.7)
    const expected = exact(rows, 0.7)
    for (const [at, value] of expected.entries()) expect(weights[at]).toBeCloseTo(value, 5)
  })

  test('features that no row has, targets of zero and no rows at all give zeros', () => {
    const rows = problem(80)
    expect([...fitted(rows, 0.7, 14).subarray(columns * 3)]).toEqual([0, 0, 0, 0, 0, 0])
    const silent = rows.map((row) => ({ ...row, target: new Float32Array(3) }))
    expect(fitted(silent, 1).every((weight) => weight === 0)).toBe(true)
    expect(fitted([], 1)).toEqual(new Float32Array(36))
  })

  test('what was added may change afterwards', () => {
    const rows = problem(6)
    const regression = ridgeRegression({ columns, k: 3, lambda: 0.7 })
    for (const { features, target } of rows) {
      const own = { indices: features.indices.slice(), values: features.values.slice() }
      const aim = target.slice()
      regression.add(own, aim)
      own.values.fill(9)
      aim.fill(9)
    }
    expect(regression.solve()).toEqual(fitted(rows, 0.7))
  })
})
