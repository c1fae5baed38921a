import { plainConfidence, type ConfidenceShape } from '#schemas/models/preference.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import type { Histories } from './histories.ts'
import { parts, type Split } from './splits.ts'
import { trainingSet, userPreferences, type TrainingSet, type UserPreferences } from './training-set.ts'

/** A user to be judged by. */
export interface TestUser {
  readonly userId: string
  /** What a model is told of the user. Of a user of the training set, the user's row there. */
  readonly known: KnownItems
  /** Columns of the items met before, whatever the user thought of them: never recommended. */
  readonly seen: Uint32Array
  /** Columns of the items liked in the held-out part and not met before, ascending; never empty. */
  readonly relevant: Uint32Array
  /** Columns that compete; all that are not seen where it is undefined. */
  readonly candidates?: Uint32Array
}

/** Signed weights of a user by columns of a training set, ascending. */
export interface KnownItems {
  readonly columns: Uint32Array
  readonly weights: Float32Array
  /** How fresh each liking is, 1 where nothing ages; 0 for a dislike. */
  readonly likes: Float32Array
}

export interface EvaluationSet {
  readonly train: TrainingSet
  readonly tests: readonly TestUser[]
  /** Held-out likes that no model of the training part can rank: of users of whom nothing is known, or of items, that it does not hold. */
  readonly cold: { readonly users: number; readonly interactions: number }
}

/**
 * Training part and what is to be predicted. A held-out item counts when the net weight of the user's held-out events on
 * it is above 0 and the user had no event on it before. `shape` weighs what a model is told; what is asked of it does not
 * depend on it.
 */
export function evaluationSet(
  histories: Histories,
  settings: FoldSettings,
  split: Split,
  shape: ConfidenceShape = plainConfidence,
): EvaluationSet {
  const entriesOf = (part: number) => ({ keep: (entry: number) => split[entry] === part, shape })
  const train = trainingSet(histories, settings, entriesOf(parts.training))
  const toFoldIn = userPreferences(histories, settings, entriesOf(parts.foldIn))
  const foldedIn = new Map(toFoldIn.map((one) => [one.user, one]))
  const tests: TestUser[] = []
  const cold = { users: 0, interactions: 0 }
  for (const { user, items, weights } of userPreferences(histories, settings, entriesOf(parts.heldOut))) {
    const met = itemsMetBefore(histories, split, user)
    const liked = items.filter((item, i) => weights[i]! > 0 && !met.has(item))
    const known = knownOf(train, user, foldedIn.get(user))
    const relevant = known.columns.length === 0 ? new Uint32Array(0) : columnsOf(train, liked)
    cold.interactions += liked.length - relevant.length
    if (known.columns.length === 0 && liked.length > 0) cold.users++
    if (relevant.length === 0) continue
    tests.push({ userId: histories.userIds[user]!, known, seen: columnsOf(train, met), relevant })
  }
  return { train, tests, cold }
}

function knownOf(train: TrainingSet, user: number, foldedIn: UserPreferences | undefined): KnownItems {
  const row = train.rowOfUser[user]!
  if (row !== -1) return rowOf(train, row)
  const known = Array.from(foldedIn?.items ?? [], (item, i) => ({
    column: train.columnOfItem[item]!,
    weight: foldedIn!.weights[i]!,
    like: foldedIn!.likes[i]!,
  }))
  const ascending = known.filter(({ column }) => column !== -1).sort((a, b) => a.column - b.column)
  return {
    columns: Uint32Array.from(ascending, ({ column }) => column),
    weights: Float32Array.from(ascending, ({ weight }) => weight),
    likes: Float32Array.from(ascending, ({ like }) => like),
  }
}

/** What a training set knows of one of its users; the arrays are its own. */
export function rowOf({ byUser: { starts, indices, values }, likes }: TrainingSet, row: number): KnownItems {
  const [from, to] = [starts[row]!, starts[row + 1]!]
  return { columns: indices.subarray(from, to), weights: values.subarray(from, to), likes: likes.subarray(from, to) }
}

function columnsOf({ columnOfItem }: TrainingSet, items: Iterable<number>): Uint32Array {
  const columns = Array.from(items, (item) => columnOfItem[item]!).filter((column) => column !== -1)
  return Uint32Array.from(columns).sort()
}

function itemsMetBefore({ starts, items }: Histories, split: Split, user: number): Set<number> {
  const met = new Set<number>()
  for (let entry = starts[user]!; entry < starts[user + 1]!; entry++) {
    if (split[entry] !== parts.heldOut) met.add(items[entry]!)
  }
  return met
}
