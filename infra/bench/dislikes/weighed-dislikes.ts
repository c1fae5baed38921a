import type { EvaluationSet, KnownItems } from '#batch/evaluation-set.ts'
import { rowOf } from '#batch/evaluation-set.ts'
import { transposed } from '#schemas/math/transposed.ts'

/**
 * The same set with the confidence of every dislike (p = 0) times `factor`; at 0 a dislike is no observation at all, and
 * its pair is like any that nobody observed. What is asked stays: what was met before is not recommended either way.
 */
export function weighedDislikes({ train, tests, cold }: EvaluationSet, factor: number): EvaluationSet {
  const { byUser, likes } = weighed(train, factor)
  const changed = { ...train, byUser, likes, byItem: transposed(byUser) }
  const rows = new Map(train.userIds.map((userId, row) => [userId, row]))
  return {
    train: changed,
    cold,
    tests: tests.map((test) => {
      const row = rows.get(test.userId)
      return { ...test, known: row === undefined ? weighedItems(test.known, factor) : rowOf(changed, row) }
    }),
  }
}

function weighed({ byUser, likes }: Weighed, factor: number): Weighed {
  const { rows, columns, starts, indices, values } = byUser
  const kept = {
    likes: new Float32Array(likes.length),
    starts: new Uint32Array(rows + 1),
    indices: new Uint32Array(indices.length),
    values: new Float32Array(values.length),
  }
  let at = 0
  for (let row = 0; row < rows; row++) {
    for (let entry = starts[row]!; entry < starts[row + 1]!; entry++) {
      const value = values[entry]! < 0 ? values[entry]! * factor : values[entry]!
      if (value === 0) continue
      kept.indices[at] = indices[entry]!
      kept.likes[at] = likes[entry]!
      kept.values[at++] = value
    }
    kept.starts[row + 1] = at
  }
  const entries = { indices: kept.indices.subarray(0, at), values: kept.values.subarray(0, at) }
  return { byUser: { rows, columns, starts: kept.starts, ...entries }, likes: kept.likes.subarray(0, at) }
}

type Weighed = Pick<EvaluationSet['train'], 'byUser' | 'likes'>

function weighedItems({ columns, weights, likes }: KnownItems, factor: number): KnownItems {
  const values = weights.map((weight) => (weight < 0 ? weight * factor : weight))
  const kept = Uint32Array.from(values.keys()).filter((i) => values[i] !== 0)
  return {
    columns: Uint32Array.from(kept, (i) => columns[i]!),
    weights: Float32Array.from(kept, (i) => values[i]!),
    likes: Float32Array.from(kept, (i) => likes[i]!),
  }
}
