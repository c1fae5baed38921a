import { describe, expect, it } from 'vitest'
import { rowOf, type EvaluationSet } from '#batch/evaluation-set.ts'
import { transposed } from '#schemas/math/transposed.ts'
import { weighedDislikes } from './weighed-dislikes.ts'

/** Ann likes column 0 and dislikes 1; Bob dislikes 0. */
function set(): EvaluationSet {
  const byUser = {
    rows: 2,
    columns: 2,
    starts: Uint32Array.of(0, 2, 3),
    indices: Uint32Array.of(0, 1, 0),
    values: Float32Array.of(4, -6, -2),
  }
  const train = {
    userIds: ['ann', 'bob'],
    itemIds: ['a', 'b'],
    byUser,
    byItem: transposed(byUser),
    likes: Float32Array.of(1, 0, 0),
    lastTimes: new Float64Array(2),
    rowOfUser: Int32Array.of(0, 1),
    columnOfItem: Int32Array.of(0, 1),
  }
  const test = { userId: 'ann', known: rowOf(train, 0), seen: Uint32Array.of(0, 1), relevant: Uint32Array.of(0) }
  return { train, tests: [test], cold: { users: 0, interactions: 0 } }
}

describe('Weighing dislikes', () => {
  it('by 0 leaves the likes alone, in what is fitted and in what is told of a user', () => {
    const { train, tests } = weighedDislikes(set(), 0)
    expect([...train.byUser.starts]).toEqual([0, 1, 1])
    expect([...train.byUser.values]).toEqual([4])
    expect([...train.byItem.values]).toEqual([4])
    expect([...train.likes]).toEqual([1])
    expect([...tests[0]!.known.weights]).toEqual([4])
    expect([...tests[0]!.seen]).toEqual([0, 1])
  })

  it('by a factor scales what is disliked and nothing else', () => {
    const { train } = weighedDislikes(set(), 0.5)
    expect([...train.byUser.values]).toEqual([4, -3, -1])
  })
})
