import { MillraceError } from '#schemas/errors.ts'
import {
  plainConfidence,
  shapedPreferences,
  type ConfidenceShape,
  type TimedInteraction,
} from '#schemas/models/preference.ts'
import { workspace } from '#schemas/math/workspace.ts'
import type { Interactions } from '#schemas/ports/solver.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { transposed } from '#schemas/math/transposed.ts'
import type { Histories } from './histories.ts'

/** Signed confidences of users on items, all in one workspace. Users and items without an entry are left out. */
export interface TrainingSet {
  readonly userIds: readonly string[]
  readonly itemIds: readonly string[]
  readonly byUser: Interactions
  readonly byItem: Interactions
  /** Event time of each user's newest interaction, epoch ms. */
  readonly lastTimes: Float64Array
  /** Row of each user of the histories, -1 where it has none. */
  readonly rowOfUser: Int32Array
  /** Column of each item of the histories, -1 where it has none. */
  readonly columnOfItem: Int32Array
}

/** Says which entries of the histories belong to a part. */
export type EntryFilter = (entry: number) => boolean

/** How histories become weights. */
export interface WeighingOptions {
  /** Picks the entries that count; all of them by default. */
  readonly keep?: EntryFilter
  /** Default `plainConfidence`. */
  readonly shape?: ConfidenceShape
}

/** Combines each user's events by item (`shapedPreferences`) into sparse rows both ways. */
export function trainingSet(histories: Histories, settings: FoldSettings, weighing: WeighingOptions = {}): TrainingSet {
  const rows = userPreferences(histories, settings, weighing)
  const columnOfItem = columnsOf(histories.itemIds.length, rows)
  const rowOfUser = new Int32Array(histories.userIds.length).fill(-1)
  const itemIds = histories.itemIds.filter((_, item) => columnOfItem[item] !== -1)
  const byUser = sparseRows(rows, columnOfItem, itemIds.length)
  for (const [row, { user }] of rows.entries()) rowOfUser[user] = row
  return {
    userIds: rows.map(({ user }) => histories.userIds[user]!),
    itemIds,
    byUser,
    byItem: transposed(byUser),
    lastTimes: Float64Array.from(rows, ({ lastTime }) => lastTime),
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
}

/** Net weights of every user who has any among the entries kept, in the order of the histories. */
export function userPreferences(
  histories: Histories,
  settings: FoldSettings,
  { keep = () => true, shape = plainConfidence }: WeighingOptions = {},
): UserPreferences[] {
  const numbers = new Map(histories.itemIds.map((itemId, item) => [itemId, item]))
  const found: UserPreferences[] = []
  for (let user = 0; user < histories.userIds.length; user++) {
    const kept: TimedInteraction[] = []
    let lastTime = -Infinity
    for (let entry = histories.starts[user]!; entry < histories.starts[user + 1]!; entry++) {
      if (!keep(entry)) continue
      const value = histories.values[entry]!
      const time = histories.times[entry]!
      kept.push({
        itemId: histories.itemIds[histories.items[entry]!]!,
        action: histories.actionNames[histories.actions[entry]!]!,
        value: Number.isNaN(value) ? null : value,
        occurredAt: time,
        acceptedAt: time,
      })
      lastTime = Math.max(lastTime, time)
    }
    const net = shapedPreferences(kept, settings, shape)
    if (net.size === 0) continue
    const items = Uint32Array.from(net.keys(), (itemId) => numbers.get(itemId)!)
    found.push({ user, lastTime, items, weights: Float64Array.from(net.values()) })
  }
  return found
}

function columnsOf(items: number, rows: readonly UserPreferences[]): Int32Array {
  const columns = new Int32Array(items).fill(-1)
  for (const row of rows) for (const item of row.items) columns[item] = 0
  let next = 0
  for (let item = 0; item < items; item++) if (columns[item] === 0) columns[item] = next++
  return columns
}

function sparseRows(rows: readonly UserPreferences[], columnOfItem: Int32Array, columns: number): Interactions {
  const entries = rows.reduce((sum, row) => sum + row.items.length, 0)
  const space = workspace()
  const starts = space.integers(rows.length + 1).fill(0)
  const indices = space.integers(entries)
  const values = space.floats(entries)
  let at = 0
  for (const [row, { items, weights }] of rows.entries()) {
    const sorted = Array.from(items, (item, i) => ({ column: columnOfItem[item]!, weight: weights[i]! }))
    for (const { column, weight } of sorted.sort((a, b) => a.column - b.column)) {
      indices[at] = column
      values[at++] = weight
    }
    starts[row + 1] = at
  }
  return { rows: rows.length, columns, starts, indices, values }
}
