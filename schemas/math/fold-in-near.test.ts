import { expect, test } from 'vitest'
import { foldIn } from './fold-in.ts'
import { foldInNear } from './fold-in-near.ts'
import { gramian } from './gramian.ts'
import { randomFactors } from './random-problem.fixture.ts'

const k = 4
const items = randomFactors(30, k, 1)
const model = { k, alpha0: 0.5, lambda: 0.1, nu: 1, items: 30, gramian: gramian(items) }
const vectors = items.data.slice(0, 6 * k)
const values = Float32Array.of(1, 3, -2, 0.5, 4, 1)
const prior = Float32Array.of(1, -2, 0.5, 3)

function rounded(vector: Float32Array): string[] {
  return Array.from(vector, (value) => value.toFixed(5))
}

test('from zero it is the fold-in', () => {
  const { vector } = foldIn(model, vectors, values)
  expect(rounded(foldInNear({ model, vectors, values, prior: new Float32Array(k) }))).toEqual(rounded(vector))
})

test('without data it is where it began', () => {
  const nothing = new Float32Array(0)
  expect(rounded(foldInNear({ model, vectors: nothing, values: nothing, prior }))).toEqual(rounded(prior))
})

test('what it is told again and again it believes, wherever it began', () => {
  const one = vectors.slice(0, k)
  const told = (weight: number) => {
    const x = foldInNear({ model, vectors: one, values: Float32Array.of(weight), prior })
    return x.reduce((sum, value, i) => sum + value * one[i]!, 0)
  }
  expect(told(1e7)).toBeCloseTo(1, 3)
  expect(told(-1e7)).toBeCloseTo(0, 3)
  expect(Math.abs(told(10) - 1)).toBeLessThan(Math.abs(told(1) - 1))
})

test('it is the least of its sum: a step in any direction costs', () => {
  const x = foldInNear({ model, vectors, values, prior })
  const cost = (v: readonly number[]) => {
    const product = (row: number) => v.reduce((sum, value, i) => sum + value * vectors[row * k + i]!, 0)
    const data = values.reduce(
      (sum, value, row) => sum + Math.abs(value) * ((value > 0 ? 1 : 0) - product(row)) ** 2,
      0,
    )
    const lambda = model.lambda * (values.length + model.alpha0 * model.items)
    const away = v.map((value, i) => value - prior[i]!)
    let curved = 0
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) curved += away[i]! * model.alpha0 * model.gramian[i * k + j]! * away[j]!
    }
    return data + curved + lambda * away.reduce((sum, value) => sum + value * value, 0)
  }
  const least = cost([...x])
  for (let i = 0; i < k; i++) {
    for (const step of [-0.01, 0.01]) expect(cost([...x].with(i, x[i]! + step))).toBeGreaterThan(least)
  }
})
