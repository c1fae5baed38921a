import { describe, expect, it } from 'vitest'
import { blankItem } from '../events/blank.fixture.ts'
import type { ItemsEvent } from '../events/catalogue.ts'
import { foldItem, foldProfile } from './catalogue.ts'
import { mapRows, type MapRows } from './map-rows.ts'

const envelope = { id: 'x', itemId: 'a', occurredAt: 5, source: null, sequence: null }

function upsert(
  title: string,
  acceptedAt: number,
  imported: { source: string; sequence: number } | object = {},
): ItemsEvent {
  return { ...envelope, type: 'upsert', acceptedAt, item: { ...blankItem, title }, ...imported }
}

function foldItems(events: readonly ItemsEvent[]): MapRows {
  const rows = mapRows()
  for (const [offset, event] of events.entries()) {
    foldItem(rows, event, { epoch: 1, partition: 0, offset, acceptedAt: event.acceptedAt })
  }
  return rows
}

describe('A catalogue row', () => {
  it('is the last upsert, first seen when it first came', () => {
    const row = foldItems([upsert('old', 10), upsert('new', 20)]).get('catalogue', 'a', 0)
    expect(row).toMatchObject({ item: { title: 'new' }, firstSeenAt: 10, updatedAt: 20 })
  })

  it('is empty after a deletion, and begins anew with the next upsert', () => {
    const deletion: ItemsEvent = { ...envelope, type: 'delete', acceptedAt: 20 }
    expect(foldItems([upsert('old', 10), deletion]).get('catalogue', 'a', 0)).toMatchObject({ item: null })
    const again = foldItems([upsert('old', 10), deletion, upsert('back', 30)]).get('catalogue', 'a', 0)
    expect(again).toMatchObject({ item: { title: 'back' }, firstSeenAt: 30 })
  })

  it('is not set back by a second import of the same file', () => {
    const line = { source: 'file', sequence: 3 }
    const rows = foldItems([upsert('imported', 10, line), upsert('edited', 20), upsert('imported', 30, line)])
    expect(rows.get('catalogue', 'a', 0)).toMatchObject({ item: { title: 'edited' }, offset: 1 })
  })
})

describe('A profile row', () => {
  it('is the last upsert, or empty after a deletion', () => {
    const rows = mapRows()
    const profile = { attributes: { age: 40 }, interests: ['Drama'] }
    const envelope = { id: 'x', userId: 'ann', occurredAt: 5, acceptedAt: 5 }
    foldProfile(rows, { ...envelope, type: 'upsert', profile }, { epoch: 1, partition: 0, offset: 0, acceptedAt: 5 })
    expect(rows.get('profiles', 'ann', 0)?.profile).toEqual(profile)
    foldProfile(rows, { ...envelope, type: 'delete' }, { epoch: 1, partition: 0, offset: 1, acceptedAt: 5 })
    expect(rows.get('profiles', 'ann', 0)?.profile).toBeNull()
  })
})
