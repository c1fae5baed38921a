import { describe, expect, it } from 'vitest'
import { seededRandom } from '#schemas/math/random.ts'
import type { SparseRows } from '#schemas/ports/solver.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { easeScorer } from '../ease.ts'
import { historiesOf } from '../histories.fixture.ts'
import { trainingSet } from '../training-set.ts'
import { fitNeighbours } from './fit-neighbours.ts'

const random = seededRandom(5)
const events = Array.from({ length: 1_500 }, (_, time) => ({
  user: `u${Math.floor(40 * random())}`,
  item: `i${Math.floor(20 * random())}`,
  action: random() < 0.2 ? 'dislike' : 'like',
  time,
}))
const shape = { weightExponent: 0, halfLifeDays: 0 }
const train = trainingSet(historiesOf(events), defaultFoldSettings, { shape })
const n = train.itemIds.length

describe('Neighbours', () => {
  it('are those of EASE where every item is a neighbour of every other', async () => {
    const weights = await dense(train.byUser, 1, 3)
    const ease = easeScorer(train, { lambda: 3 })
    for (let item = 0; item < n; item++) {
      const expected = ease({ columns: Uint32Array.of(item), weights: Float32Array.of(1), likes: Float32Array.of(1) })
      for (let other = 0; other < n; other++) expect(weights[item]![other]).toBeCloseTo(expected[other]!, 5)
    }
  })

  it('are as loud as they are to be', async () => {
    const once = await dense(train.byUser, 1, 3)
    const twice = await dense(train.byUser, 2, 3)
    for (const [i, row] of once.entries())
      for (const [j, weight] of row.entries()) expect(twice[i]![j]).toBeCloseTo(2 * weight, 5)
  })

  it('do not learn from dislikes, nor from more than the strongest likes of a user', async () => {
    const disliked = Array.from({ length: 30 }, (_, i) => [i % 2, i % 2 === 0 ? 1 : -1] as const)
    const none = await fitNeighbours(rowsOf(disliked.map(([item, value]) => [[item, value]])), settings(1, 1))
    expect(none!.values).toHaveLength(0)
    const many = Array.from({ length: 300 }, (_, item) => [item, item < 2 ? 1 : 1 + item] as const)
    const apart = await fitNeighbours(rowsOf([many, many, many]), settings(1, 1))
    const of = (item: number) => apart!.starts[item + 1]! - apart!.starts[item]!
    expect([of(0), of(1)]).toEqual([0, 0])
    expect(of(299)).toBeGreaterThan(0)
  })

  it('are fifty of an item at most', async () => {
    const all = Array.from({ length: 80 }, (_, item) => [item, 1] as const)
    const { indices, rows } = (await fitNeighbours(rowsOf([all, all, all.slice(40)]), settings(1, 20)))!
    expect(indices).toHaveLength(80 * 50)
    expect(rows).toBe(80)
  })

  it('are found however little holds them', async () => {
    const draw = seededRandom(3)
    const users = Array.from({ length: 60 }, () =>
      Array.from({ length: 150 }, (_, item) => [item, 1] as const).filter(() => draw() < 0.6),
    )
    const { values } = (await fitNeighbours(rowsOf(users), settings(1, 1e-9)))!
    expect(values).toHaveLength(150 * 50)
    expect(values.every((value) => Math.abs(value) < 100)).toBe(true)
  })

  it('are the same bytes from the same likes, and none where they are to be silent', async () => {
    expect(await fitNeighbours(train.byUser, settings(1, 3))).toEqual(await fitNeighbours(train.byUser, settings(1, 3)))
    expect(await fitNeighbours(train.byUser, settings(0, 3))).toBeUndefined()
  })
})

function settings(neighbourShare: number, neighbourLambda: number) {
  return { neighbourShare, neighbourLambda }
}

async function dense(interactions: SparseRows, share: number, lambda: number): Promise<Float32Array[]> {
  const { rows, starts, indices, values } = (await fitNeighbours(interactions, settings(share, lambda)))!
  return Array.from({ length: rows }, (_, row) => {
    const full = new Float32Array(rows)
    for (let at = starts[row]!; at < starts[row + 1]!; at++) full[indices[at]!] = values[at]!
    return full
  })
}

function rowsOf(users: readonly (readonly (readonly [item: number, value: number])[])[]): SparseRows {
  const starts = new Uint32Array(users.length + 1)
  for (const [i, user] of users.entries()) starts[i + 1] = starts[i]! + user.length
  const all = users.flat()
  return {
    rows: users.length,
    columns: 1 + Math.max(...all.map(([item]) => item)),
    starts,
    indices: Uint32Array.from(all, ([item]) => item),
    values: Float32Array.from(all, ([, value]) => value),
  }
}
