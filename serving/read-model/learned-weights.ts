import type { LearnedRanker } from '#schemas/events/derived.ts'
import { rankerDimension, weightsOf, type Ranker } from '#schemas/models/ranker.ts'
import type { ServedModel } from './served-model.ts'

/** The weights that rank with a model: those of the refit, moved on by what was learned online since. */
export interface LearnedWeights {
  apply(events: readonly LearnedRanker[]): void
  /** Undefined for a model without a ranker. The same array until something is learned. */
  weights(model: Pick<ServedModel, 'version' | 'ranker'> | undefined): Float64Array | undefined
}

/**
 * Each partition of users has a learner of its own, which began with the refit. Their weights are averaged, each counting by
 * the examples it saw since (parameter mixing: McDonald, Hall and Mann 2010); whoever has learned nothing does not count.
 */
export function learnedWeights(): LearnedWeights {
  /** By model version, then by partition. */
  const learned = new Map<string, Map<number, LearnedRanker>>()
  let made: { readonly version: string; readonly weights: Float64Array } | undefined

  function mixed(version: string, refitted: Ranker): Float64Array {
    const sums = new Float64Array(rankerDimension)
    let total = 0
    for (const { z, n, examples } of learned.get(version)?.values() ?? []) {
      if (z.length !== rankerDimension || n.length !== rankerDimension) continue
      const state = { z: Float64Array.from(z), n: Float64Array.from(n) }
      const weights = weightsOf({ ...refitted, state })
      total += examples
      for (let i = 0; i < rankerDimension; i++) sums[i]! += examples * weights[i]!
    }
    return total === 0 ? weightsOf(refitted) : sums.map((sum) => sum / total)
  }

  return {
    apply(events) {
      for (const event of events) {
        const ofVersion = learned.get(event.modelVersion) ?? new Map<number, LearnedRanker>()
        learned.set(event.modelVersion, ofVersion.set(event.partition, event))
        if (learned.size > versionsKept) learned.delete(learned.keys().next().value ?? '')
      }
      made = undefined
    },
    weights(model) {
      if (model?.ranker === undefined) return undefined
      if (made?.version !== model.version) {
        made = { version: model.version, weights: mixed(model.version, model.ranker) }
      }
      return made.weights
    },
  }
}

const versionsKept = 4
