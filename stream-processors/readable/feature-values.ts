import type { Item, Profile } from '#schemas/events/catalogue.ts'
import type { ItemFeatures, UserFeatures } from '#schemas/ports/feature-store.ts'
import type { ReadableFeatures } from '#schemas/ports/readable-tables.ts'
import type { Position } from '#schemas/position.ts'

type Place = Pick<Position, 'epoch' | 'offset'>

/** Interactions of a user that are named. */
const recentItems = 10

/** What is known of what a user did: at the position of the user's row. Undefined while there is nothing, as after an erasure. */
export function activityFeatures(userId: string, { head }: UserFeatures): ReadableFeatures | undefined {
  const last = head.recent.at(-1)
  if (last === undefined) return undefined
  const values: Record<string, string> = {
    interactions: String(head.count),
    last_interaction_at: iso(last.occurredAt),
    session_interactions: String(head.sessionCount),
    recent_items: JSON.stringify(head.recent.slice(-recentItems).map(({ itemId }) => itemId)),
  }
  for (const { action, count } of head.actionCounts) values[`${action}_count`] = String(count)
  const { epoch, offset } = head
  return { of: 'user', key: userId, scope: 'activity', values, replaces: false, updatedAt: head.clock, epoch, offset }
}

/** A profile as a notice has announced it: at the notice's position, since the row read may be newer, never older. */
export function profileFeatures(
  userId: string,
  profile: Profile | undefined,
  { epoch, offset }: Place,
  updatedAt: number,
): ReadableFeatures {
  const values: Record<string, string> = {}
  if (profile !== undefined) {
    values['interests'] = JSON.stringify(profile.interests)
    for (const [name, value] of Object.entries(profile.attributes)) values[`attributes.${name}`] = String(value)
  }
  return { of: 'user', key: userId, scope: 'profile', values, replaces: true, updatedAt, epoch, offset }
}

/** A catalogue item as a notice has announced it. */
export function catalogueFeatures(
  itemId: string,
  item: Item | undefined,
  { epoch, offset }: Place,
  updatedAt: number,
): ReadableFeatures {
  const values: Record<string, string> = {}
  if (item !== undefined) {
    values['title'] = item.title
    values['categories'] = JSON.stringify(item.categories)
    values['tags'] = JSON.stringify(item.tags)
    values['available'] = String(item.available)
    if (item.price !== null) values['price'] = String(item.price)
    if (item.currency !== null) values['currency'] = item.currency
    if (item.publishedAt !== null) values['published_at'] = iso(item.publishedAt)
    for (const [name, value] of Object.entries(item.attributes)) values[`attributes.${name}`] = String(value)
  }
  return { of: 'item', key: itemId, scope: 'catalogue', values, replaces: true, updatedAt, epoch, offset }
}

/**
 * What users did with an item, over all partitions of its statistics. Each of those rows goes forward only, so the sum of their
 * offsets tells two readings apart as a position would.
 */
export function statisticsFeatures({ itemId, partial }: ItemFeatures, updatedAt: number): ReadableFeatures | undefined {
  if (partial.length === 0) return undefined
  const epoch = Math.max(...partial.map((row) => row.epoch))
  const current = partial.filter((row) => row.epoch === epoch)
  const offset = current.reduce((sum, row) => sum + row.offset + 1, 0)
  const counts = new Map<string, number>()
  for (const { actions } of partial) {
    for (const { action, total } of actions) counts.set(action, (counts.get(action) ?? 0) + total)
  }
  const values: Record<string, string> = {
    last_interaction_at: iso(partial.reduce((latest, row) => Math.max(latest, row.time), 0)),
  }
  for (const [action, count] of counts) values[`${action}_count`] = String(count)
  return { of: 'item', key: itemId, scope: 'statistics', values, replaces: false, updatedAt, epoch, offset }
}

function iso(timestamp: number): string {
  const date = new Date(timestamp)
  return Number.isNaN(date.getTime()) ? String(timestamp) : date.toISOString()
}
