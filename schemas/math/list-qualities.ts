import type { Interactions } from '../ports/solver.ts'
import type { Ranking } from './ranking-metrics.ts'

/** What lists are like, whatever users think of them. Made once for a training set, by item. */
export interface ListQualities {
  /**
   * Mean self-information of the first k, in bits: −log2(users of the item / users), as if one user had met what nobody
   * has (Zhou et al. 2010, "Solving the apparent diversity-accuracy dilemma of recommender systems").
   */
  readonly noveltyAt: (ranking: Ranking, k: number) => number
  /**
   * For each of the lengths, the mean over pairs of the first k of 1 − cos(users of one, users of the other) (intra-list
   * diversity, Smyth and McClave 2001); 0 for fewer than two.
   */
  readonly diversityAt: (ranking: Ranking, lengths: readonly number[]) => number[]
}

export function listQualities(byItem: Interactions): ListQualities {
  const { starts, indices, columns: users } = byItem
  const usersOf = (item: number) => starts[item + 1]! - starts[item]!
  const sum = new Float64Array(users)

  /**
   * pairs[n] = Σ over pairs of the first n of their cosines: the unit vectors of the items met so far are summed, so
   * that a further item costs one pass over its users.
   */
  function cosinesOfPairs(ranking: Ranking, longest: number): Float64Array {
    const pairs = new Float64Array(longest + 1)
    for (let n = 0; n < longest; n++) {
      const item = ranking[n]!
      const length = Math.sqrt(usersOf(item))
      let product = 0
      for (let at = starts[item]!; at < starts[item + 1]!; at++) {
        product += sum[indices[at]!]!
        sum[indices[at]!]! += 1 / length
      }
      pairs[n + 1] = pairs[n]! + (length === 0 ? 0 : product / length)
    }
    for (let n = 0; n < longest; n++) {
      for (let at = starts[ranking[n]!]!; at < starts[ranking[n]! + 1]!; at++) sum[indices[at]!] = 0
    }
    return pairs
  }

  return {
    noveltyAt(ranking, k) {
      const shown = Math.min(k, ranking.length)
      let bits = 0
      for (let at = 0; at < shown; at++) bits -= Math.log2(Math.max(1, usersOf(ranking[at]!)) / users)
      return shown === 0 ? 0 : bits / shown
    },
    diversityAt(ranking, lengths) {
      const pairs = cosinesOfPairs(ranking, Math.min(Math.max(...lengths), ranking.length))
      return lengths.map((k) => {
        const shown = Math.min(k, ranking.length)
        return shown < 2 ? 0 : 1 - pairs[shown]! / ((shown * (shown - 1)) / 2)
      })
    },
  }
}
