import type { Position } from '#schemas/position.ts'
import type { ConfidenceShape } from '#schemas/models/preference.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { evaluationSet, type EvaluationSet } from './evaluation-set.ts'
import type { Histories } from './histories.ts'
import { reasonAgainst } from './training-set.ts'
import { positionSplit, randomHoldout } from './splits.ts'

export interface GateHoldout {
  /** `after-positions`: the newest events of each partition. `random`: a share of each user's items. */
  readonly kind: 'after-positions' | 'random'
  readonly set: EvaluationSet
}

export interface GateHoldoutOptions {
  /** Share of the events that is held out. Default a tenth. */
  readonly share?: number
  /** Test users at most, spread evenly. Default 2,000. */
  readonly maxUsers?: number
  readonly seed: number
  /** Default `plainConfidence`. Which events are held out does not depend on it. */
  readonly shape?: ConfidenceShape
}

/** Above this share of likes that no model can rank, the newest events say nothing about a model. */
const mostlyCold = 0.75

/**
 * What the gate judges by: the events after positions of the log. Where those are nearly all of users or items that the
 * events before do not know (a file imported user by user), a random part of each user's items instead. Undefined when
 * neither leaves enough to fit to and to judge by.
 */
export function gateHoldout(
  histories: Histories,
  settings: FoldSettings,
  { share = 0.1, maxUsers = 2_000, seed, shape }: GateHoldoutOptions,
): GateHoldout | undefined {
  const newest = evaluationSet(histories, settings, positionSplit(histories, cutPositions(histories, share)), shape)
  if (!isMostlyCold(newest) && isUsable(newest)) return { kind: 'after-positions', set: sampled(newest, maxUsers) }
  const random = evaluationSet(histories, settings, randomHoldout(histories, share, seed), shape)
  return isUsable(random) ? { kind: 'random', set: sampled(random, maxUsers) } : undefined
}

function isUsable({ train, tests }: EvaluationSet): boolean {
  return tests.length > 0 && reasonAgainst(train) === undefined
}

/** On each partition, the position at and after which `share` of the entries lie. */
export function cutPositions({ starts, partitions, offsets, positions }: Histories, share: number): Position[] {
  const byPartition = new Map<number, number[]>()
  for (const [user, partition] of partitions.entries()) {
    const found = byPartition.get(partition) ?? []
    byPartition.set(partition, found)
    for (let entry = starts[user]!; entry < starts[user + 1]!; entry++) found.push(offsets[entry]!)
  }
  return positions.map((end) => {
    const ascending = (byPartition.get(end.partition) ?? []).sort((a, b) => a - b)
    return { ...end, offset: ascending[Math.floor(ascending.length * (1 - share))] ?? end.offset }
  })
}

function isMostlyCold({ tests, cold }: EvaluationSet): boolean {
  const warm = tests.reduce((sum, { relevant }) => sum + relevant.length, 0)
  return cold.interactions > mostlyCold * (warm + cold.interactions)
}

/** The same set with at most so many test users, spread evenly. */
export function sampled(set: EvaluationSet, users: number): EvaluationSet {
  const every = set.tests.length / users
  if (every <= 1) return set
  return { ...set, tests: Array.from({ length: users }, (_, i) => set.tests[Math.floor(i * every)]!) }
}
