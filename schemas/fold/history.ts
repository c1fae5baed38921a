import type { HistoryEntry, UserHead } from '../rows/user-rows.ts'
import type { RowLimits } from '../settings.ts'
import type { FoldAt, FoldRows } from './rows.ts'
import { fileIds } from './user-ids.ts'

/** Appends one counted interaction; when the count reaches a multiple of 64 the last 64 are sealed as a chunk and their ids filed. */
export function appendEntry(
  rows: FoldRows,
  userId: string,
  head: UserHead,
  at: FoldAt,
  entry: HistoryEntry,
  limits: RowLimits,
): void {
  head.recent.push(entry)
  if (head.recent.length > limits.head) head.recent.shift()
  head.count++
  if (head.count % limits.head !== 0) return
  const index = head.count / limits.head - 1
  const filed = head.recent.filter((recent) => recent.filed)
  fileIds(rows, userId, head, filed, at, limits)
  rows.change('user-chunks', userId, index % limits.chunks, at, (chunk) => {
    chunk.index = index
    chunk.entries = head.recent.slice()
  })
}

/** Items in the chunks below `at`: an erase takes the user out of their rows. A chunk at or above it is a later one's. */
export function chunkItems(rows: FoldRows, userId: string, at: FoldAt, limits: RowLimits): string[] {
  const items: string[] = []
  for (let place = 0; place < limits.chunks; place++) {
    const chunk = rows.peek('user-chunks', userId, place)
    if (chunk.offset < at.offset) for (const entry of chunk.entries) items.push(entry.itemId)
  }
  return items
}

/** Empties the chunks of an erased user by explicit empty rows at the erase's position. */
export function emptyChunks(rows: FoldRows, userId: string, at: FoldAt, limits: RowLimits): void {
  for (let place = 0; place < limits.chunks; place++) {
    if (rows.peek('user-chunks', userId, place).offset === -1) continue
    rows.change('user-chunks', userId, place, at, (chunk) => {
      chunk.index = -1
      chunk.entries = []
    })
  }
}
