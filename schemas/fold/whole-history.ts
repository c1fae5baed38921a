import type { HistoryEntry, UserChunk, UserHead } from '../rows/user-rows.ts'
import type { RowLimits } from '../settings.ts'
import type { FoldRows } from './rows.ts'
import { unsealed } from './unsealed.ts'

/** A user's interactions that count, oldest first: at most the last `limits.history`. */
export function wholeHistory(rows: Pick<FoldRows, 'peek'>, userId: string, limits: RowLimits): readonly HistoryEntry[] {
  const head = rows.peek('user-heads', userId, 0)
  if (head.count <= limits.head) return head.recent.slice(-limits.history)
  const chunks = Array.from({ length: limits.chunks }, (_, place) => rows.peek('user-chunks', userId, place))
  return joinHistory(head, chunks, limits)
}

/**
 * Joins a head and its chunks, given in any order. A chunk that the head does not count yet (written ahead before a
 * crash) is left out.
 */
export function joinHistory(
  head: Readonly<UserHead>,
  chunks: readonly Readonly<UserChunk>[],
  limits: RowLimits,
): readonly HistoryEntry[] {
  const sealed = Math.floor(head.count / limits.head)
  const entries = chunks
    .filter(({ index }) => index >= 0 && index < sealed)
    .sort((a, b) => a.index - b.index)
    .flatMap((chunk) => chunk.entries)
  return [...entries, ...unsealed(head, limits)].slice(-limits.history)
}
