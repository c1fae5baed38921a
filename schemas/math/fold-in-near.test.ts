import { expect, test } from 'vitest'
import { foldIn } from './fold-in.ts'
import { foldInNear, meanCurvature } from './fold-in-near.ts'
import { gramian } from './gramian.ts'
import { randomFactors } from './random-problem.fixture.ts'

const k = 4
const items = randomFactors(30, k, 1)
const model = { k, alpha0: 0.5, lambda: 0.1, nu: 1, items: 30, gramian: gramian(items) }
const history = items.data.slice(0, 6 * k)
const values = Float32Array.of(1, 3, -2, 0.5, 4, 1)
const prior = Float32Array.of(1, -2, 0.5, 3)

function distance(a: Float32Array, b: Float32Array): number {
  return Math.hypot(...a.map((value, i) => value - b[i]!))
}

test('held by nothing it is the fold-in', () => {
  const near = foldInNear({ model, vectors: history, values, prior, strength: 0 })
  const { vector } = foldIn(model, history, values)
  for (let i = 0; i < k; i++) expect(near[i]).toBeCloseTo(vector[i]!, 6)
})

test('the stronger it is held, the nearer it stays to where it began', () => {
  const at = (strength: number) => distance(foldInNear({ model, vectors: history, values, prior, strength }), prior)
  expect(at(10)).toBeLessThan(at(1))
  expect(at(1)).toBeLessThan(at(0))
  expect(at(1e9)).toBeLessThan(1e-6)
})

test('it is the least of its sum: a step in any direction costs', () => {
  const strength = 2
  const x = foldInNear({ model, vectors: history, values, prior, strength })
  const product = (v: ArrayLike<number>, from: number) =>
    Array.from(v).reduce((sum, value, i) => sum + value * history[from + i]!, 0)
  const cost = (v: number[]) => {
    const data = values.reduce(
      (sum, value, j) => sum + Math.abs(value) * ((value > 0 ? 1 : 0) - product(v, j * k)) ** 2,
      0,
    )
    let curved = 0
    for (let i = 0; i < k; i++) for (let j = 0; j < k; j++) curved += v[i]! * model.gramian[i * k + j]! * v[j]!
    const lambda = model.lambda * (values.length + model.alpha0 * model.items)
    const length = v.reduce((sum, value) => sum + value * value, 0)
    const away = v.reduce((sum, value, i) => sum + (value - prior[i]!) ** 2, 0)
    return data + model.alpha0 * curved + lambda * length + strength * away
  }
  const least = cost([...x])
  for (let i = 0; i < k; i++) {
    for (const step of [-0.01, 0.01]) expect(cost([...x].with(i, x[i]! + step))).toBeGreaterThan(least)
  }
})

test('the mean curvature is that of the quadratic form', () => {
  const identity = Float64Array.from({ length: k * k }, (_, i) => (i % (k + 1) === 0 ? 3 : 7))
  expect(meanCurvature({ k, alpha0: 0.5, gramian: identity })).toBe(1.5)
})
