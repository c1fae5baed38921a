import { describe, expect, test } from 'vitest'
import { initialFactors } from '../models/initial-factors.ts'
import type { Factors, Interactions, Regularisation } from '../ports/solver.ts'
import { rowSolver } from './conjugate-gradient.ts'
import { gramian } from './gramian.ts'
import { ialsLoss } from './ials-loss.ts'
import { randomInteractions } from './random-problem.fixture.ts'
import { seededRandom } from './random.ts'
import { scanTopK } from './top-k.ts'

const regularisation: Regularisation = { alpha0: 0.2, lambda: 0.05, nu: 0.7 }

describe('iALS', () => {
  test('on a checkerboard, recommends to each user unseen items of the colour they like', () => {
    const { seen, byUser } = checkerboard(50)
    const { users, items } = fitted(byUser, { ...regularisation, lambda: 0.2 }, 8)
    for (let user = 0; user < 50; user++) {
      const query = users.data.subarray(user * users.k, (user + 1) * users.k)
      const skip = Uint8Array.from(seen[user]!, (known) => (known ? 1 : 0))
      for (const item of scanTopK(query, items.data, 50, 3, skip).rows) expect(item % 2).toBe(user % 2)
    }
  })

  test('the loss falls with every half-iteration', () => {
    const byUser = randomInteractions({ rows: 60, columns: 30, seed: 1 })
    const losses = fitted(byUser, regularisation, 6).losses
    for (let i = 1; i < losses.length; i++) expect(losses[i]!).toBeLessThan(losses[i - 1]!)
  })

  test.each([0, 0.7, 1])('the loss is the equation of Rendle et al. 2021, term by term, with ν = %d', (nu) => {
    const byUser = randomInteractions({ rows: 20, columns: 12, seed: 2 })
    const users = initialFactors(20, 5, 1)
    const items = initialFactors(12, 5, 2)
    const reg = { ...regularisation, nu }
    const loss = ialsLoss({ interactions: byUser, users, items, regularisation: reg })
    expect(loss).toBeCloseTo(writtenOutLoss(byUser, users, items, reg), 6)
  })

  test.each([0, 0.7, 1])('once fitted, the equation written out has no slope along either side, with ν = %d', (nu) => {
    const byUser = randomInteractions({ rows: 15, columns: 12, seed: 3 })
    const reg = { ...regularisation, nu }
    const { users, items } = fitted(byUser, reg, 2_000)
    const steepest = (at: { users: Factors; items: Factors }) =>
      Math.max(
        ...[at.users, at.items].flatMap((side) =>
          Array.from(side.data, (_, i) => Math.abs(slopeOfEquation(byUser, at.users, at.items, side, i, reg))),
        ),
      )
    const begun = { users: initialFactors(15, 8, 1), items: initialFactors(12, 8, 2) }
    expect(steepest(begun)).toBeGreaterThan(0.1)
    expect(steepest({ users, items })).toBeLessThan(1e-3 * steepest(begun))
  })

  test('at the exact solution of a side, the loss has no slope along that side', () => {
    const byUser = randomInteractions({ rows: 15, columns: 12, seed: 3 })
    const users = initialFactors(15, 4, 1)
    const items = initialFactors(12, 4, 2)
    const slopes = (): number[] => Array.from(users.data, (_, i) => slopeAlong(byUser, users, items, i))
    const steepest = Math.max(...slopes().map(Math.abs))
    solve(byUser, items, users, 20)
    expect(steepest).toBeGreaterThan(1)
    expect(Math.max(...slopes().map(Math.abs))).toBeLessThan(1e-3 * steepest)
  })

  test('one user and one item are enough, and stay finite', () => {
    const byUser: Interactions = {
      rows: 1,
      columns: 1,
      starts: Uint32Array.of(0, 1),
      indices: Uint32Array.of(0),
      values: Float32Array.of(3),
    }
    const { users, items } = fitted(byUser, regularisation, 5)
    const score = users.data.reduce((sum, x, i) => sum + x * items.data[i]!, 0)
    expect(score).toBeGreaterThan(0)
    expect(score).toBeLessThan(1)
  })

  test('enough steps stop by themselves once a row is solved', () => {
    const byUser = randomInteractions({ rows: 10, columns: 12, seed: 3 })
    const items = initialFactors(12, 4, 2)
    const [few, many] = [20, 2_000].map((steps) => {
      const users = initialFactors(10, 4, 1)
      solve(byUser, items, users, steps)
      return users.data
    })
    expect(many!.every(Number.isFinite)).toBe(true)
    for (const [i, value] of many!.entries()) expect(value).toBeCloseTo(few![i]!, 5)
  })
})

function solve(
  interactions: Interactions,
  fixed: Factors,
  solved: Factors,
  cgSteps: number,
  reg = regularisation,
): void {
  const half = { interactions, fixed, solved, gramian: gramian(fixed), regularisation: reg, cgSteps }
  rowSolver(half)(0, interactions.rows)
}

function fitted(
  byUser: Interactions,
  reg: Regularisation,
  iterations: number,
): { users: Factors; items: Factors; losses: number[] } {
  const byItem = transposed(byUser)
  const users = initialFactors(byUser.rows, 8, 1)
  const items = initialFactors(byUser.columns, 8, 2)
  const lossNow = (): number => ialsLoss({ interactions: byUser, users, items, regularisation: reg })
  const losses = [lossNow()]
  for (let i = 0; i < iterations; i++) {
    solve(byUser, items, users, 3, reg)
    losses.push(lossNow())
    solve(byItem, users, items, 3, reg)
    losses.push(lossNow())
  }
  return { users, items, losses }
}

/** Users like items of their own parity, but have seen only two thirds of them. */
function checkerboard(size: number): { seen: boolean[][]; byUser: Interactions } {
  const random = seededRandom(11)
  const seen = Array.from({ length: size }, (_, user) =>
    Array.from({ length: size }, (_, item) => user % 2 === item % 2 && random() < 2 / 3),
  )
  return { seen, byUser: sparse(seen.map((row) => row.map((known) => (known ? 1 : 0)))) }
}

function transposed(matrix: Interactions): Interactions {
  const dense = Array.from({ length: matrix.columns }, () => Array.from({ length: matrix.rows }, () => 0))
  for (let row = 0; row < matrix.rows; row++) {
    for (let at = matrix.starts[row]!; at < matrix.starts[row + 1]!; at++) {
      dense[matrix.indices[at]!]![row] = matrix.values[at]!
    }
  }
  return sparse(dense)
}

function sparse(dense: readonly (readonly number[])[]): Interactions {
  const entries = dense.map((row) => row.flatMap((value, column) => (value === 0 ? [] : [{ value, column }])))
  const starts = new Uint32Array(dense.length + 1)
  for (const [row, own] of entries.entries()) starts[row + 1] = starts[row]! + own.length
  return {
    rows: dense.length,
    columns: dense[0]!.length,
    starts,
    indices: Uint32Array.from(entries.flat(), ({ column }) => column),
    values: Float32Array.from(entries.flat(), ({ value }) => value),
  }
}

function writtenOutLoss(
  byUser: Interactions,
  users: Factors,
  items: Factors,
  { alpha0, lambda, nu }: Regularisation,
): number {
  const { k } = users
  const inner = (a: Factors, row: number, b: Factors, other: number): number => {
    let sum = 0
    for (let i = 0; i < k; i++) sum += a.data[row * k + i]! * b.data[other * k + i]!
    return sum
  }
  let loss = 0
  const count = Array.from({ length: items.rows }, () => 0)
  for (let user = 0; user < users.rows; user++) {
    for (let item = 0; item < items.rows; item++) loss += alpha0 * inner(users, user, items, item) ** 2
    const [start, end] = [byUser.starts[user]!, byUser.starts[user + 1]!]
    for (let at = start; at < end; at++) {
      const [item, value] = [byUser.indices[at]!, byUser.values[at]!]
      loss += Math.abs(value) * ((value > 0 ? 1 : 0) - inner(users, user, items, item)) ** 2
      count[item]!++
    }
    loss += lambda * (end - start + alpha0 * items.rows) ** nu * inner(users, user, users, user)
  }
  for (let item = 0; item < items.rows; item++) {
    loss += lambda * (count[item]! + alpha0 * users.rows) ** nu * inner(items, item, items, item)
  }
  return loss
}

/** Central difference of the loss along one number of the user factors. */
function slopeAlong(interactions: Interactions, users: Factors, items: Factors, i: number): number {
  const lossAt = (value: number): number => {
    const data = users.data.slice()
    data[i] = value
    return ialsLoss({ interactions, users: { ...users, data }, items, regularisation })
  }
  const [low, high] = [users.data[i]! - 2 ** -8, users.data[i]! + 2 ** -8].map(Math.fround)
  return (lossAt(high!) - lossAt(low!)) / (high! - low!)
}

/** The same of the equation as it is written out, along one number of either side. */
function slopeOfEquation(
  byUser: Interactions,
  users: Factors,
  items: Factors,
  side: Factors,
  i: number,
  reg: Regularisation,
): number {
  const lossAt = (value: number): number => {
    const data = side.data.slice()
    data[i] = value
    const moved = { ...side, data }
    return side === users ? writtenOutLoss(byUser, moved, items, reg) : writtenOutLoss(byUser, users, moved, reg)
  }
  const [low, high] = [side.data[i]! - 2 ** -8, side.data[i]! + 2 ** -8].map(Math.fround)
  return (lossAt(high!) - lossAt(low!)) / (high! - low!)
}
