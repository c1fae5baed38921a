import type { ItemsEvent, ProfilesEvent } from '../events/catalogue.ts'
import type { FoldAt, FoldRows } from './rows.ts'

/** The fold of the topic `items`: the catalogue row is the last upsert, or a tombstone. */
export function foldItem(rows: FoldRows, event: ItemsEvent, at: FoldAt): void {
  const { source, sequence } = event
  const row = rows.peek('catalogue', event.itemId, 0)
  if (source !== null && sequence !== null && row.offset < at.offset) {
    const mark = row.imports.find((known) => known.source === source)
    if (mark !== undefined && sequence <= mark.sequence) return
  }
  rows.change('catalogue', event.itemId, 0, at, (row) => {
    switch (event.type) {
      case 'upsert':
        if (row.item === null) row.firstSeenAt = event.acceptedAt
        row.item = event.item
        break
      case 'delete':
        row.item = null
        row.firstSeenAt = 0
    }
    row.updatedAt = event.acceptedAt
    if (source === null || sequence === null) return
    const mark = row.imports.find((known) => known.source === source)
    if (mark === undefined) row.imports.push({ source, sequence })
    else mark.sequence = sequence
  })
}

/** The fold of the topic `profiles`: the profile row is the last upsert, or a tombstone. */
export function foldProfile(rows: FoldRows, event: ProfilesEvent, at: FoldAt): void {
  rows.change('profiles', event.userId, 0, at, (row) => {
    row.profile = event.type === 'upsert' ? event.profile : null
    row.updatedAt = event.acceptedAt
  })
}
