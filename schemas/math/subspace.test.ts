import { expect, test } from 'vitest'
import { denseSystem, eliminate } from './dense-system.fixture.ts'
import { gramian } from './gramian.ts'
import { ialsLoss } from './ials-loss.ts'
import { randomFactors, randomInteractions } from './random-problem.fixture.ts'
import { subspaceSolver } from './subspace.ts'

const interactions = randomInteractions({ rows: 60, columns: 40, seed: 3 })
const regularisation = { alpha0: 0.3, lambda: 0.05, nu: 0.8 }

test('a block as wide as the vectors is solved exactly by one sweep', () => {
  const k = 8
  const fixed = randomFactors(40, k, 1)
  const solved = randomFactors(60, k, 2)
  subspaceSolver({ interactions, fixed, solved, gramian: gramian(fixed), regularisation, cgSteps: 0 })(0, 60)
  for (let row = 0; row < 60; row++) {
    const { matrix, side } = denseSystem(interactions, row, fixed, regularisation)
    const exact = eliminate(matrix, side)
    for (let i = 0; i < k; i++) expect(solved.data[row * k + i]).toBeCloseTo(exact[i]!, 5)
  }
})

test('every sweep lowers the loss, at a number of dimensions that is no multiple of the block too', () => {
  const items = randomFactors(40, 21, 1)
  const users = randomFactors(60, 21, 2)
  const sweep = subspaceSolver({
    interactions,
    fixed: items,
    solved: users,
    gramian: gramian(items),
    regularisation,
    cgSteps: 0,
  })
  const losses = Array.from({ length: 6 }, () => {
    sweep(0, 60)
    return ialsLoss({ interactions, users, items, regularisation })
  })
  expect(new Set(losses).size).toBe(6)
  expect(losses).toEqual(losses.toSorted((a, b) => b - a))
})
