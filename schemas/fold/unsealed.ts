import type { HistoryEntry, UserHead } from '../rows/user-rows.ts'
import { rowLimits } from '../settings.ts'

/** The interactions of a head that are in no chunk yet, oldest first. */
export function unsealed(head: Readonly<UserHead>): readonly HistoryEntry[] {
  const open = head.count % rowLimits.head
  return open === 0 ? [] : head.recent.slice(-open)
}
