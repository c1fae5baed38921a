import type { Adopt, Erase, Interaction, InteractionsEvent } from '../events/interactions.ts'
import { eventTime } from '../events/interactions.ts'
import type { HistoryEntry, UserHead } from '../rows/user-rows.ts'
import type { FoldSettings, RowLimits } from '../settings.ts'
import { weightOf } from '../settings.ts'
import type { FoldAt, FoldRows } from './rows.ts'
import { appendEntry, chunkItems, emptyChunks } from './history.ts'
import { fileIds, isFiled, pendingIds } from './user-ids.ts'

/** What one event did to its user. Item rows follow from it, and from nothing else. */
export type UserOutcome =
  /** The head holds the event already: everything it derived is durable. */
  | { readonly type: 'behind' }
  /** The same event again, or an adopt built before an erase: no row changes. */
  | { readonly type: 'repeat' }
  | { readonly type: 'refused' }
  | { readonly type: 'counted'; readonly interaction: Interaction; readonly recentItems: readonly string[] }
  | { readonly type: 'erased'; readonly items: readonly string[] }
  | { readonly type: 'adopted'; readonly count: number }

/** Folds one event of the topic `interactions` into its user's rows (design section 4). */
export function foldUser(rows: FoldRows, event: InteractionsEvent, at: FoldAt, settings: FoldSettings): UserOutcome {
  const head = rows.peek('user-heads', event.userId, 0)
  if (head.offset >= at.offset) {
    rows.announce('user-heads', event.userId, 0, at)
    return { type: 'behind' }
  }
  const clock = Math.max(head.clock, event.acceptedAt)
  switch (event.type) {
    case 'interaction':
      return isRepeat(rows, head, event, clock, at, settings)
        ? { type: 'repeat' }
        : count(rows, event, clock, at, settings)
    case 'erase':
      return isFiled(rows, event.userId, head, event.id, clock, at, settings.limits)
        ? { type: 'repeat' }
        : erase(rows, event, clock, at, settings.limits)
    case 'adopt':
      if (isFiled(rows, event.userId, head, event.id, clock, at, settings.limits)) return { type: 'repeat' }
      return head.erasedAt > event.basedOn ? { type: 'refused' } : adopt(rows, event, clock, at, settings.limits)
  }
}

function isRepeat(
  rows: FoldRows,
  head: Readonly<UserHead>,
  event: Interaction,
  clock: number,
  at: FoldAt,
  settings: FoldSettings,
): boolean {
  const { source, sequence } = event
  if (source === null || sequence === null)
    return isFiled(rows, event.userId, head, event.id, clock, at, settings.limits)
  if (event.mended) return head.mended.some((mark) => mark.source === source && mark.sequence === sequence)
  const mark = head.imports.find((candidate) => candidate.source === source)
  return mark !== undefined && sequence <= mark.sequence
}

function count(rows: FoldRows, event: Interaction, clock: number, at: FoldAt, settings: FoldSettings): UserOutcome {
  const head = rows.peek('user-heads', event.userId, 0)
  const recentItems = recentOthers(head.recent, event.itemId, settings)
  changeHead(rows, event.userId, clock, at, (row) => {
    appendEntry(
      rows,
      event.userId,
      row,
      at,
      {
        id: event.id,
        itemId: event.itemId,
        action: event.action,
        value: event.value,
        occurredAt: event.occurredAt,
        acceptedAt: event.acceptedAt,
        clock,
        offset: at.offset,
        filed: event.source === null,
      },
      settings.limits,
    )
    markImport(row, event)
    countAction(row, event.action)
    continueSession(row, event, settings.sessionGapMs)
  })
  return { type: 'counted', interaction: event, recentItems }
}

function erase(rows: FoldRows, event: Erase, clock: number, at: FoldAt, limits: RowLimits): UserOutcome {
  const head = rows.peek('user-heads', event.userId, 0)
  const items = new Set(head.recent.map((entry) => entry.itemId))
  for (const itemId of chunkItems(rows, event.userId, at, limits)) items.add(itemId)
  changeHead(rows, event.userId, clock, at, (row) => {
    fileIds(
      rows,
      event.userId,
      row,
      [...pendingIds(row, limits), { id: event.id, clock, offset: at.offset }],
      at,
      limits,
    )
    emptyChunks(rows, event.userId, at, limits)
    row.recent = []
    row.count = 0
    row.actionCounts = []
    row.sessionId = null
    row.sessionStartedAt = 0
    row.sessionLastAt = 0
    row.sessionCount = 0
    row.erasedAt = at.offset
  })
  return { type: 'erased', items: [...items].sort() }
}

function adopt(rows: FoldRows, event: Adopt, clock: number, at: FoldAt, limits: RowLimits): UserOutcome {
  let adopted = 0
  changeHead(rows, event.userId, clock, at, (row) => {
    fileIds(rows, event.userId, row, [{ id: event.id, clock, offset: at.offset }], at, limits)
    const mark = row.adopted.find((candidate) => candidate.guestId === event.guestId)
    const known = mark?.guestOffset ?? -1
    let highest = known
    for (const carried of event.history) {
      if (carried.guestOffset <= known) continue
      highest = Math.max(highest, carried.guestOffset)
      if (isFiled(rows, event.userId, row, carried.id, clock, at, limits)) continue
      appendEntry(
        rows,
        event.userId,
        row,
        at,
        {
          id: carried.id,
          itemId: carried.itemId,
          action: carried.action,
          value: carried.value,
          occurredAt: carried.occurredAt,
          acceptedAt: carried.acceptedAt,
          clock,
          offset: at.offset,
          filed: true,
        },
        limits,
      )
      countAction(row, carried.action)
      adopted++
    }
    if (mark === undefined) row.adopted.push({ guestId: event.guestId, guestOffset: highest })
    else mark.guestOffset = highest
  })
  return { type: 'adopted', count: adopted }
}

function changeHead(rows: FoldRows, userId: string, clock: number, at: FoldAt, mutate: (row: UserHead) => void): void {
  rows.change('user-heads', userId, 0, at, (row) => {
    row.clock = clock
    row.applied++
    mutate(row)
  })
}

/** The distinct other items among the last interactions that were not negative, most recent last. */
function recentOthers(recent: readonly HistoryEntry[], itemId: string, settings: FoldSettings): string[] {
  const others: string[] = []
  for (let i = Math.max(0, recent.length - settings.limits.coViewWindow); i < recent.length; i++) {
    const entry = recent[i]!
    if (entry.itemId === itemId || others.includes(entry.itemId)) continue
    if (weightOf(settings, entry) > 0) others.push(entry.itemId)
  }
  return others
}

function markImport(row: UserHead, event: Interaction): void {
  const { source, sequence } = event
  if (source === null || sequence === null) return
  if (event.mended) {
    row.mended.push({ source, sequence })
    return
  }
  const mark = row.imports.find((candidate) => candidate.source === source)
  if (mark === undefined) row.imports.push({ source, sequence })
  else mark.sequence = sequence
}

function countAction(row: UserHead, action: string): void {
  const known = row.actionCounts.find((candidate) => candidate.action === action)
  if (known === undefined) row.actionCounts.push({ action, count: 1 })
  else known.count++
}

function continueSession(row: UserHead, event: Interaction, gapMs: number): void {
  const time = eventTime(event)
  const goesOn =
    row.sessionCount > 0 && event.sessionId === row.sessionId && Math.abs(time - row.sessionLastAt) <= gapMs
  if (!goesOn) {
    row.sessionId = event.sessionId
    row.sessionStartedAt = time
    row.sessionCount = 0
  }
  row.sessionLastAt = Math.max(time, goesOn ? row.sessionLastAt : time)
  row.sessionCount++
}
