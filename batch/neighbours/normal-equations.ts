import type { SparseRows } from '#schemas/ports/solver.ts'

/** XᵀX of some items and Xᵀy of another, X and y their likes by user. Valid until the next are made. */
export interface NormalEquations {
  /** n × n row-major, the lower triangle. */
  readonly matrix: Float64Array
  readonly target: Float64Array
}

/**
 * Makes them from the likes of each item by user. Where the items have more than `budget` likes, a sample of
 * users stands for all: the same for all items of an equation, and scaled up, so that it stays that of likes somebody has.
 */
export function normalEquations(
  byItem: SparseRows,
  most: number,
  budget: number,
): (items: Uint32Array, target: number) => NormalEquations {
  const { starts, indices, values, columns: users } = byItem
  const matrix = new Float64Array(most * most)
  const sums = new Float64Array(most)
  const ofTarget = new Float32Array(users)
  /** Of each user the newest entry that was met, plus 1 so that 0 is none; entries are chained by user. */
  const newest = new Uint32Array(users)
  let [places, likings, older] = entries(1 << 16)
  const met: number[] = []

  function entries(length: number): [places: Uint16Array, likings: Float32Array, older: Uint32Array] {
    return [new Uint16Array(length), new Float32Array(length), new Uint32Array(length)]
  }

  return (items, target) => {
    const n = items.length
    matrix.fill(0, 0, n * n)
    sums.fill(0, 0, n)
    let likes = 0
    for (const item of items) likes += starts[item + 1]! - starts[item]!
    if (likes > likings.length) [places, likings, older] = entries(2 * likes)
    const share = Math.min(1, budget / likes)
    const [from, to] = [starts[target]!, starts[target + 1]!]
    for (let at = from; at < to; at++) ofTarget[indices[at]!] = values[at]!
    let count = 0
    for (let place = 0; place < n; place++) {
      const item = items[place]!
      for (let at = starts[item]!; at < starts[item + 1]!; at++) {
        const user = indices[at]!
        if (share < 1 && !isSampled(user, share)) continue
        const liking = values[at]!
        if (newest[user] === 0) met.push(user)
        places[count] = place
        likings[count] = liking
        older[count] = newest[user]!
        newest[user] = ++count
        sums[place]! += liking * ofTarget[user]!
        for (let entry = count; entry > 0; entry = older[entry - 1]!) {
          matrix[place * n + places[entry - 1]!]! += liking * likings[entry - 1]!
        }
      }
    }
    for (let at = from; at < to; at++) ofTarget[indices[at]!] = 0
    for (const user of met) newest[user] = 0
    met.length = 0
    if (share < 1) {
      for (let i = 0; i < n * n; i++) matrix[i]! /= share
      for (let i = 0; i < n; i++) sums[i]! /= share
    }
    return { matrix: matrix.subarray(0, n * n), target: sums.subarray(0, n) }
  }
}

function isSampled(user: number, share: number): boolean {
  return Math.imul(user + 1, 0x9e3779b1) >>> 0 < share * 2 ** 32
}
