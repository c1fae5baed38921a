import { setImmediate } from 'node:timers/promises'
import type { Item } from '#schemas/events/catalogue.ts'
import { foldInUser } from '#schemas/models/fold-in.ts'
import type { Model, TopLists } from '#schemas/models/model.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import { rowOf } from './evaluation-set.ts'
import { preferencesOf } from './rankers.ts'
import type { TrainingSet } from './training-set.ts'
import { withReach } from './with-reach.ts'

export interface TopListsOptions {
  readonly solver: Pick<Solver, 'foldIn' | 'scanTopK'>
  readonly model: Model
  /** The set the model was fitted to. */
  readonly set: TrainingSet
  /** Items by id: one that is unavailable is in no list. An item the catalogue does not know is in no category. */
  readonly catalogue: ReadonlyMap<string, Item>
  readonly activeUsers?: number
  readonly length?: number
}

export const topListDefaults = { activeUsers: 10_000, length: 100 } as const

const usersAtOnce = 8

/**
 * What is served when nothing better can be: for the users seen last, the best items they have not met, by fold-in and a
 * full scan; for each category, the items most people like.
 */
export async function topLists(options: TopListsOptions): Promise<TopLists> {
  const { solver, model, set, catalogue } = options
  const { activeUsers, length } = { ...topListDefaults, ...options }
  const rows = new Map(model.itemIds.map((itemId, row) => [itemId, row]))
  const unavailable = Uint8Array.from(model.itemIds, (itemId) => (catalogue.get(itemId)?.available === false ? 1 : 0))
  const vectorOf = (itemId: string) => {
    const row = rows.get(itemId)
    return row === undefined ? undefined : model.itemFactors.subarray(row * model.k, (row + 1) * model.k)
  }
  const { vectors, reach } = withReach(model.itemFactors, model.k)
  const users = new Map<string, readonly string[]>()
  for (const [done, user] of latestUsers(set, activeUsers).entries()) {
    if (done % usersAtOnce === 0) await setImmediate()
    const preferences = preferencesOf(set, rowOf(set, user))
    const skip = unavailable.slice()
    for (const itemId of preferences.keys()) skip[rows.get(itemId)!] = 1
    const { vector } = foldInUser({ solver, model, preferences, vectorOf })
    const best = solver.scanTopK(vector, vectors, model.itemIds.length, length, skip, reach)
    users.set(set.userIds[user]!, itemIdsOf(model, best.rows))
  }
  return { version: model.version, users, categories: categoryLists(options, length) }
}

function latestUsers({ lastTimes }: TrainingSet, count: number): Uint32Array {
  const rows = Uint32Array.from(lastTimes.keys())
  return rows.sort((a, b) => lastTimes[b]! - lastTimes[a]! || a - b).subarray(0, count)
}

function categoryLists({ set, catalogue }: TopListsOptions, length: number): Map<string, readonly string[]> {
  const { byItem } = set
  const likes = Uint32Array.from({ length: byItem.rows }, (_, item) => {
    const values = byItem.values.subarray(byItem.starts[item], byItem.starts[item + 1])
    return values.reduce((count, value) => count + (value > 0 ? 1 : 0), 0)
  })
  const byLikes = Uint32Array.from(likes.keys()).sort((a, b) => likes[b]! - likes[a]! || a - b)
  const lists = new Map<string, string[]>()
  for (const item of byLikes) {
    const itemId = set.itemIds[item]!
    const described = catalogue.get(itemId)
    if (described === undefined || !described.available) continue
    for (const category of new Set(described.categories)) {
      const list = lists.get(category)
      if (list === undefined) lists.set(category, [itemId])
      else if (list.length < length) list.push(itemId)
    }
  }
  return lists
}

function itemIdsOf({ itemIds }: Model, rows: Uint32Array): string[] {
  return Array.from(rows, (row) => itemIds[row]!)
}
