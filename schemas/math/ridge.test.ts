import { describe, expect, test } from 'vitest'
import { eliminate } from './dense-system.fixture.ts'
import { randomFactors, randomInteractions } from './random-problem.fixture.ts'
import { ridgeRegression } from './ridge.ts'

describe('ridgeRegression', () => {
  const features = randomInteractions({ rows: 80, columns: 12, seed: 1 })
  const targets = randomFactors(80, 3, 2)

  test('solves the normal equations of every column', () => {
    const weights = ridgeRegression({ features, targets, lambda: 0.7, maxSteps: 100 })
    const dense = Array.from({ length: 80 }, (_, row) => {
      const line = Array.from({ length: 12 }, () => 0)
      for (let at = features.starts[row]!; at < features.starts[row + 1]!; at++) {
        line[features.indices[at]!] = features.values[at]!
      }
      return line
    })
    const sum = (of: (line: number[], row: number) => number): number =>
      dense.reduce((total, line, row) => total + of(line, row), 0)
    const normal = Array.from({ length: 12 }, (_, i) =>
      Array.from({ length: 12 }, (_, j) => sum((line) => line[i]! * line[j]!) + (i === j ? 0.7 : 0)),
    )
    for (let column = 0; column < 3; column++) {
      const side = Array.from({ length: 12 }, (_, i) => sum((line, row) => line[i]! * targets.data[row * 3 + column]!))
      const exact = eliminate(normal, side)
      for (let i = 0; i < 12; i++) expect(weights[i * 3 + column]).toBeCloseTo(exact[i]!, 5)
    }
  })

  test('features that no row has, targets of zero and no rows at all give zeros', () => {
    const wider = { ...features, columns: 14 }
    const weights = ridgeRegression({ features: wider, targets, lambda: 0.7, maxSteps: 100 })
    expect([...weights.subarray(12 * 3)]).toEqual([0, 0, 0, 0, 0, 0])
    const silent = { ...targets, data: new Float32Array(80 * 3) }
    expect(ridgeRegression({ features, targets: silent, lambda: 1, maxSteps: 9 }).every((w) => w === 0)).toBe(true)
    const none = { ...features, rows: 0, starts: Uint32Array.of(0) }
    const nothing = { rows: 0, k: 3, data: new Float32Array(0) }
    expect(ridgeRegression({ features: none, targets: nothing, lambda: 1, maxSteps: 9 })).toHaveLength(36)
  })
})
