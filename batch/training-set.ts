import { MillraceError } from '#schemas/errors.ts'
import { workspace } from '#schemas/math/workspace.ts'
import type { Interactions } from '#schemas/ports/solver.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { transposed } from '#schemas/math/transposed.ts'
import type { Histories } from './histories.ts'
import { weighedHistories, type WeighedHistories, type WeighingOptions } from './weighed-histories.ts'

/** Signed confidences of users on items, all in one workspace. Users and items without an entry are left out. */
export interface TrainingSet {
  readonly userIds: readonly string[]
  readonly itemIds: readonly string[]
  readonly byUser: Interactions
  readonly byItem: Interactions
  /** Of each entry of `byUser` how fresh the liking is, 1 where nothing ages; 0 for a dislike. */
  readonly likes: Float32Array
  /** Event time of each user's newest interaction, epoch ms. */
  readonly lastTimes: Float64Array
  /** Row of each user of the histories, -1 where it has none. */
  readonly rowOfUser: Int32Array
  /** Column of each item of the histories, -1 where it has none. */
  readonly columnOfItem: Int32Array
}

/** Combines each user's events by item (`shapedPreferences`) into sparse rows both ways. */
export function trainingSet(histories: Histories, settings: FoldSettings, weighing: WeighingOptions = {}): TrainingSet {
  const weighed = weighedHistories(histories, settings, weighing)
  const columnOfItem = columnsOf(histories.itemIds.length, weighed.items)
  const rowOfUser = new Int32Array(histories.userIds.length).fill(-1)
  for (const [row, user] of weighed.users.entries()) rowOfUser[user] = row
  const itemIds = histories.itemIds.filter((_, item) => columnOfItem[item] !== -1)
  const { byUser, likes } = sparseRows(weighed, columnOfItem, itemIds.length)
  return {
    userIds: Array.from(weighed.users, (user) => histories.userIds[user]!),
    itemIds,
    byUser,
    byItem: transposed(byUser),
    likes,
    lastTimes: weighed.lastTimes,
    rowOfUser,
    columnOfItem,
  }
}

/** Throws `training-impossible` with the reason when no model can be fitted to this set. */
export function refuseUntrainable(set: TrainingSet): void {
  const reason = reasonAgainst(set)
  if (reason === undefined) return
  throw new MillraceError('training-impossible', `cannot train: ${reason}`, {
    facts: { users: set.userIds.length, items: set.itemIds.length, interactions: set.byUser.indices.length },
  })
}

/** Why no model can be fitted to this set; undefined when one can. */
export function reasonAgainst({ userIds, itemIds, byUser }: TrainingSet): string | undefined {
  if (byUser.indices.length === 0) return 'the log holds no interactions that count'
  if (userIds.length < 2) return 'all interactions are of one user'
  if (itemIds.length < 2) return 'all interactions are about one item'
  if (byUser.values.every((value) => value <= 0)) return 'no interaction says that anyone likes anything'
  return undefined
}

export interface UserPreferences {
  /** Index into the users of the histories. */
  readonly user: number
  readonly lastTime: number
  /** Indices into the items of the histories, in order of first appearance. */
  readonly items: Uint32Array
  /** Net weight on each of `items`, never 0. */
  readonly weights: Float64Array
  /** As in a training set. */
  readonly likes: Float64Array
}

/** Net weights of every user who has any among the entries kept, in the order of the histories. */
export function userPreferences(
  histories: Histories,
  settings: FoldSettings,
  weighing: WeighingOptions = {},
): UserPreferences[] {
  const { users, lastTimes, starts, items, weights, likes } = weighedHistories(histories, settings, weighing)
  return Array.from(users, (user, row) => ({
    user,
    lastTime: lastTimes[row]!,
    items: items.subarray(starts[row], starts[row + 1]),
    weights: weights.subarray(starts[row], starts[row + 1]),
    likes: likes.subarray(starts[row], starts[row + 1]),
  }))
}

/** Items that occur are numbered in their order. */
function columnsOf(items: number, occurring: Uint32Array): Int32Array {
  const columns = new Int32Array(items).fill(-1)
  for (const item of occurring) columns[item] = 0
  let next = 0
  for (let item = 0; item < items; item++) if (columns[item] === 0) columns[item] = next++
  return columns
}

/** Columns ascend within a row. */
function sparseRows(
  weighed: WeighedHistories,
  columnOfItem: Int32Array,
  columns: number,
): { readonly byUser: Interactions; readonly likes: Float32Array } {
  const { users, items, weights } = weighed
  const space = workspace()
  const starts = space.integers(users.length + 1)
  starts.set(weighed.starts)
  const indices = space.integers(items.length)
  const values = space.floats(items.length)
  /** Weight of each column in the row at hand. */
  const weightOf = new Float64Array(columns)
  const likeOf = new Float64Array(columns)
  const likes = new Float32Array(items.length)
  for (let row = 0; row < users.length; row++) {
    const [from, to] = [starts[row]!, starts[row + 1]!]
    for (let pair = from; pair < to; pair++) {
      const column = columnOfItem[items[pair]!]!
      indices[pair] = column
      weightOf[column] = weights[pair]!
      likeOf[column] = weighed.likes[pair]!
    }
    indices.subarray(from, to).sort()
    for (let pair = from; pair < to; pair++) {
      values[pair] = weightOf[indices[pair]!]!
      likes[pair] = likeOf[indices[pair]!]!
    }
  }
  return { byUser: { rows: users.length, columns, starts, indices, values }, likes }
}
