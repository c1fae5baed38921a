import type { InteractionsEvent } from '#schemas/events/interactions.ts'
import { foldInteractions } from '#schemas/fold/interactions.ts'
import type { FoldAt } from '#schemas/fold/rows.ts'
import { firstIdDay } from '#schemas/fold/user-ids.ts'
import type { RowKey } from '#schemas/rows/tables.ts'
import { dayMs, type FoldSettings, type RowLimits } from '#schemas/settings.ts'
import type { ReadRows, RowProcessor } from '../runtime/processor.ts'

interface Placed {
  readonly event: InteractionsEvent
  readonly at: FoldAt
}

/** interactions → user heads, chunks and ids, and the item statistics that follow from them. */
export function interactionsProcessor(settings: FoldSettings): RowProcessor<'interactions'> {
  const { limits } = settings
  return {
    name: 'interactions',
    topic: 'interactions',
    does: 'counts each event once: user histories, item statistics, co-views',
    steps: [
      {
        tables: ['user-heads'],
        announces: { topic: 'user-notices', table: 'user-heads', row: 'user' },
        keys: (events) => Array.from(new Set(events.map(({ event }) => event.userId)), headOf),
      },
      { tables: ['user-chunks'], keys: (events, rows) => chunkKeys(events, rows, limits) },
      {
        tables: ['item-statistics', 'user-ids'],
        announces: { topic: 'item-notices', table: 'item-statistics', row: 'statistics' },
        keys: (events, rows) => itemAndIdKeys(events, rows, limits),
      },
    ],
    keyOf: ({ userId }) => userId,
    check: (event) => faultOf(event),
    fold: (rows, event, at) => foldInteractions(rows, event, at, settings),
  }
}

function headOf(key: string): RowKey {
  return { table: 'user-heads', key, part: 0 }
}

/** All chunks of erased users; else those that the new interactions may seal. */
function* chunkKeys(events: readonly Placed[], rows: ReadRows, limits: RowLimits): Iterable<RowKey> {
  for (const [userId, ofUser] of Map.groupBy(events, ({ event }) => event.userId)) {
    const { count } = rows.peek('user-heads', userId, 0)
    const erases = ofUser.some(({ event }) => event.type === 'erase')
    const grown = ofUser.reduce((sum, { event }) => sum + (event.type === 'adopt' ? event.history.length : 1), count)
    const first = Math.floor(count / limits.head)
    const sealed = Math.floor(grown / limits.head) - first
    const places = erases ? limits.chunks : Math.min(limits.chunks, sealed)
    for (let i = 0; i < places; i++) {
      yield { table: 'user-chunks', key: userId, part: (first + i) % limits.chunks }
    }
  }
}

/**
 * Items the users touch, the whole history of erased users, and the days ids may be looked
 * up or filed in: a repeat does not move the clock, so any event's clock may be the highest so far or not.
 */
function* itemAndIdKeys(events: readonly Placed[], rows: ReadRows, limits: RowLimits): Iterable<RowKey> {
  for (const [userId, ofUser] of Map.groupBy(events, ({ event }) => event.userId)) {
    const { at } = ofUser[0]!
    const head = rows.peek('user-heads', userId, 0)
    const erases = ofUser.some(({ event }) => event.type === 'erase')
    const items = new Set<string>()
    const days = new Set<number>()
    for (const { event } of ofUser) {
      days.add(Math.floor(Math.max(head.clock, event.acceptedAt) / dayMs))
      if (event.type === 'interaction') items.add(event.itemId)
      if (event.type === 'adopt') for (const carried of event.history) items.add(carried.itemId)
    }
    if (erases) for (const entry of head.recent) items.add(entry.itemId)
    for (const entry of head.recent) days.add(Math.floor(entry.clock / dayMs))
    for (const day of head.idDays) if (day >= firstIdDay(head.clock, limits)) days.add(day)
    if (erases) {
      for (let place = 0; place < limits.chunks; place++) {
        for (const entry of rows.peek('user-chunks', userId, place).entries) items.add(entry.itemId)
      }
    }
    for (const key of items) yield { table: 'item-statistics', key, part: at.partition }
    for (const part of days) yield { table: 'user-ids', key: userId, part }
  }
}

const longestId = 256
const encoder = new TextEncoder()

/** Ingest refuses such events; other programs may put them on the topic all the same. */
function faultOf(event: InteractionsEvent): string | undefined {
  if (isBadId(event.userId)) return 'userId must be 1 to 256 bytes'
  if (isBadId(event.id)) return 'id must be 1 to 256 bytes'
  switch (event.type) {
    case 'interaction':
      if (isBadId(event.itemId)) return 'itemId must be 1 to 256 bytes'
      if (event.value !== null && !Number.isFinite(event.value)) return 'value must be a finite number'
      return undefined
    case 'adopt':
      return isBadId(event.guestId) ? 'guestId must be 1 to 256 bytes' : undefined
    case 'erase':
      return undefined
  }
}

function isBadId(id: string): boolean {
  if (id.length === 0) return true
  return id.length * 3 > longestId && encoder.encode(id).length > longestId
}
