import type { FoldSettings } from '#schemas/settings.ts'
import type { Histories } from './histories.ts'
import type { HeldOut } from './splits.ts'
import { trainingSet, userPreferences, type TrainingSet } from './training-set.ts'

/** A user to be judged by. */
export interface TestUser {
  /** Row in the training set. */
  readonly row: number
  /** Columns of the items met in training, whatever the user thought of them: never recommended. */
  readonly seen: Uint32Array
  /** Columns of the items liked in the held-out part and not met in training, ascending; never empty. */
  readonly relevant: Uint32Array
}

export interface EvaluationSet {
  readonly train: TrainingSet
  readonly tests: readonly TestUser[]
  /** Held-out likes that no model of the training part can rank: of users, or of items, that it does not hold. */
  readonly cold: { readonly users: number; readonly interactions: number }
}

/**
 * Training part and what is to be predicted. A held-out item counts when the net weight of the user's held-out events on
 * it is above 0 and the training part has no event of that user on it.
 */
export function evaluationSet(histories: Histories, settings: FoldSettings, heldOut: HeldOut): EvaluationSet {
  const train = trainingSet(histories, settings, (entry) => heldOut[entry] === 0)
  const tests: TestUser[] = []
  const cold = { users: 0, interactions: 0 }
  for (const { user, items, weights } of userPreferences(histories, settings, (entry) => heldOut[entry] === 1)) {
    const met = itemsInTraining(histories, heldOut, user)
    const liked = items.filter((item, i) => weights[i]! > 0 && !met.has(item))
    const row = train.rowOfUser[user]!
    const relevant = row === -1 ? new Uint32Array(0) : columnsOf(train, liked)
    cold.interactions += liked.length - relevant.length
    if (row === -1 && liked.length > 0) cold.users++
    if (relevant.length > 0) tests.push({ row, seen: columnsOf(train, met), relevant })
  }
  return { train, tests, cold }
}

function columnsOf({ columnOfItem }: TrainingSet, items: Iterable<number>): Uint32Array {
  const columns = Array.from(items, (item) => columnOfItem[item]!).filter((column) => column !== -1)
  return Uint32Array.from(columns).sort()
}

function itemsInTraining({ starts, items }: Histories, heldOut: HeldOut, user: number): Set<number> {
  const met = new Set<number>()
  for (let entry = starts[user]!; entry < starts[user + 1]!; entry++) {
    if (heldOut[entry] === 0) met.add(items[entry]!)
  }
  return met
}
