import type { HistoryEntry, UserHead } from '../rows/user-rows.ts'
import { rowLimits, type RowLimits } from '../settings.ts'

/** The interactions of a head that are in no chunk yet, oldest first. */
export function unsealed(head: Readonly<UserHead>, limits: RowLimits = rowLimits): readonly HistoryEntry[] {
  const open = head.count % limits.head
  return open === 0 ? [] : head.recent.slice(-open)
}
