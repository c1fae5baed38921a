import { hash53 } from '../math/hash.ts'
import type { HistoryEntry, UserHead } from '../rows/user-rows.ts'
import { dayMs, type RowLimits } from '../settings.ts'
import { unsealed } from './unsealed.ts'
import type { FoldAt, FoldRows } from './rows.ts'

/** The first day whose id rows a clock still looks into. */
export function firstIdDay(clock: number, limits: RowLimits): number {
  return Math.floor((clock - limits.idWindowMs) / dayMs)
}

/**
 * Was this id counted within the window, by an event before this one? Pending ids are in the head, older ones in the id
 * rows of the days the head lists. An entry at or above the event stems from a fold that ran ahead before a crash.
 */
export function isFiled(
  rows: FoldRows,
  userId: string,
  head: Readonly<UserHead>,
  id: string,
  clock: number,
  at: FoldAt,
  limits: RowLimits,
): boolean {
  for (const entry of unsealed(head, limits)) {
    if (entry.id === id && entry.filed && entry.offset < at.offset && clock - entry.clock <= limits.idWindowMs)
      return true
  }
  if (head.idDays.length === 0) return false
  const first = firstIdDay(clock, limits)
  const hashed = hash53(id)
  for (const day of head.idDays) {
    if (day < first) continue
    const known = rows.peek('user-ids', userId, day).ids.get(hashed)
    if (known !== undefined && known.offset < at.offset && clock - known.clock <= limits.idWindowMs) return true
  }
  return false
}

/** Files the ids of entries under the days of their clocks, and forgets the days that no clock will look into again. */
export function fileIds(
  rows: FoldRows,
  userId: string,
  head: UserHead,
  entries: readonly Pick<HistoryEntry, 'id' | 'clock' | 'offset'>[],
  at: FoldAt,
  limits: RowLimits,
): void {
  for (const [day, filed] of Map.groupBy(entries, (entry) => Math.floor(entry.clock / dayMs))) {
    if (!head.idDays.includes(day)) {
      const first = firstIdDay(head.clock, limits)
      head.idDays = [...head.idDays.filter((known) => known >= first), day].sort((a, b) => a - b)
    }
    rows.change('user-ids', userId, day, at, (row) => {
      for (const entry of filed) row.ids.set(hash53(entry.id), { offset: entry.offset, clock: entry.clock })
    })
  }
}

/** The unsealed interactions whose ids have yet to be filed. */
export function pendingIds(head: Readonly<UserHead>, limits: RowLimits): readonly HistoryEntry[] {
  return unsealed(head, limits).filter((entry) => entry.filed)
}
