import type { HistoryEntry, UserHead } from '../rows/user-rows.ts'
import { rowLimits } from '../settings.ts'
import type { FoldAt, FoldRows } from './rows.ts'
import { fileIds } from './user-ids.ts'

/** Appends one counted interaction; when the count reaches a multiple of 64 the last 64 are sealed as a chunk and their ids filed. */
export function appendEntry(rows: FoldRows, userId: string, head: UserHead, at: FoldAt, entry: HistoryEntry): void {
  head.recent.push(entry)
  if (head.recent.length > rowLimits.head) head.recent.shift()
  head.count++
  if (head.count % rowLimits.head !== 0) return
  const index = head.count / rowLimits.head - 1
  const filed = head.recent.filter((recent) => recent.filed)
  fileIds(rows, userId, head, filed, at)
  rows.change('user-chunks', userId, index % rowLimits.chunks, at, (chunk) => {
    chunk.index = index
    chunk.entries = head.recent.slice()
  })
}

/** Items in the chunks below `at`: an erase takes the user out of their rows. A chunk at or above it is a later one's. */
export function chunkItems(rows: FoldRows, userId: string, at: FoldAt): string[] {
  const items: string[] = []
  for (let place = 0; place < rowLimits.chunks; place++) {
    const chunk = rows.peek('user-chunks', userId, place)
    if (chunk.offset < at.offset) for (const entry of chunk.entries) items.push(entry.itemId)
  }
  return items
}

/** Empties the chunks of an erased user by explicit empty rows at the erase's position. */
export function emptyChunks(rows: FoldRows, userId: string, at: FoldAt): void {
  for (let place = 0; place < rowLimits.chunks; place++) {
    if (rows.peek('user-chunks', userId, place).offset === -1) continue
    rows.change('user-chunks', userId, place, at, (chunk) => {
      chunk.index = -1
      chunk.entries = []
    })
  }
}
