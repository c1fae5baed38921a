import type { Scorer } from './rankers.ts'
import type { TrainingSet } from './training-set.ts'

export interface ItemKnnSettings {
  /** Neighbours kept of each item. */
  readonly neighbours: number
  /** Added to the denominator: what few users have in common counts for less. */
  readonly shrink: number
}

export const itemKnnDefaults: ItemKnnSettings = { neighbours: 100, shrink: 10 }

/**
 * Item-based neighbours (Sarwar et al. 2001; shrinkage as in Ferrari Dacrema et al. 2019): score of item j for a user is
 *
 *     Σ_i liked  s_ij over the items i of which j is a neighbour,   s_ij = |U_i ∩ U_j| / (√(|U_i| |U_j|) + shrink)
 *
 * with U_i the users who like i in the training part.
 */
export function itemKnnScorer(train: TrainingSet, settings: ItemKnnSettings = itemKnnDefaults): Scorer {
  const neighbours = nearestItems(train, settings)
  return ({ columns, weights }) => {
    const scores = new Float32Array(train.itemIds.length)
    for (const [i, column] of columns.entries()) {
      if (weights[i]! <= 0) continue
      const { items, similarities } = neighbours[column]!
      for (let n = 0; n < items.length; n++) scores[items[n]!]! += similarities[n]!
    }
    return scores
  }
}

interface Neighbours {
  readonly items: Uint32Array
  readonly similarities: Float32Array
}

function nearestItems({ byUser, byItem }: TrainingSet, { neighbours, shrink }: ItemKnnSettings): Neighbours[] {
  const likes = Uint32Array.from({ length: byItem.rows }, (_, item) =>
    byItem.values
      .subarray(byItem.starts[item], byItem.starts[item + 1])
      .reduce((sum, value) => sum + (value > 0 ? 1 : 0), 0),
  )
  const common = new Uint32Array(byItem.rows)
  return Array.from({ length: byItem.rows }, (_, item) => {
    const met = new Set<number>()
    for (let at = byItem.starts[item]!; at < byItem.starts[item + 1]!; at++) {
      if (byItem.values[at]! <= 0) continue
      const user = byItem.indices[at]!
      for (let entry = byUser.starts[user]!; entry < byUser.starts[user + 1]!; entry++) {
        if (byUser.values[entry]! <= 0) continue
        common[byUser.indices[entry]!]!++
        met.add(byUser.indices[entry]!)
      }
    }
    met.delete(item)
    const found = Array.from(met, (other) => ({
      other,
      similarity: common[other]! / (Math.sqrt(likes[item]! * likes[other]!) + shrink),
    }))
    for (const other of met) common[other] = 0
    common[item] = 0
    const nearest = found.sort((a, b) => b.similarity - a.similarity || a.other - b.other).slice(0, neighbours)
    return {
      items: Uint32Array.from(nearest, ({ other }) => other),
      similarities: Float32Array.from(nearest, ({ similarity }) => similarity),
    }
  })
}
