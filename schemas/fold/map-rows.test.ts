import { describe, expect, it } from 'vitest'
import { blankInteraction } from '../events/blank.fixture.ts'
import type { Interaction } from '../events/interactions.ts'
import { isMillraceError } from '../errors.ts'
import { defaultFoldSettings } from '../settings.ts'
import { foldInteractions } from './interactions.ts'
import { mapRows } from './map-rows.ts'
import type { FoldAt } from './rows.ts'

const settings = defaultFoldSettings

function at(offset: number, place: Partial<FoldAt> = {}): FoldAt {
  return { epoch: 1, partition: 2, offset, acceptedAt: 1_000 + offset, ...place }
}

function view(id: string, userId: string, itemId: string): Interaction {
  return { ...blankInteraction, id, userId, itemId, occurredAt: 1_000, acceptedAt: 1_000 }
}

function codeOf(act: () => void): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return isMillraceError(error) ? error.code : error
  }
}

describe('Rows on maps', () => {
  it('place a changed row at its event', () => {
    const rows = mapRows()
    rows.change('user-heads', 'ann', 0, at(7), (row) => (row.count = 3))
    expect(rows.get('user-heads', 'ann', 0)).toMatchObject({ epoch: 1, partition: 2, offset: 7, count: 3 })
  })

  it('answer a blank row for one that was never written, and keep none', () => {
    const rows = mapRows()
    expect(rows.peek('user-heads', 'ann', 0).offset).toBe(-1)
    expect(rows.get('user-heads', 'ann', 0)).toBeUndefined()
  })

  it('let one event change a row several times, and an event at or below the row not at all', () => {
    const rows = mapRows()
    const add = (row: { count: number }) => void row.count++
    const event = at(5)
    rows.change('user-heads', 'ann', 0, event, add)
    rows.change('user-heads', 'ann', 0, event, add)
    expect(rows.get('user-heads', 'ann', 0)?.count).toBe(2)
    rows.change('user-heads', 'ann', 0, at(5), add)
    rows.change('user-heads', 'ann', 0, at(4), add)
    expect(rows.get('user-heads', 'ann', 0)).toMatchObject({ count: 2, offset: 5 })
    rows.change('user-heads', 'ann', 0, at(6), add)
    expect(rows.get('user-heads', 'ann', 0)).toMatchObject({ count: 3, offset: 6 })
  })

  it('refuse an event of another partition or epoch', () => {
    const rows = mapRows()
    rows.change('user-heads', 'ann', 0, at(5), () => {})
    expect(codeOf(() => rows.change('user-heads', 'ann', 0, at(6, { partition: 3 }), () => {}))).toBe('log-went-back')
    expect(codeOf(() => rows.change('user-heads', 'ann', 0, at(6, { epoch: 2 }), () => {}))).toBe('log-went-back')
    expect(codeOf(() => rows.announce('user-heads', 'ann', 0, at(4, { epoch: 2 })))).toBe('log-went-back')
  })

  it('hold what the real fold makes of a log, however often a record is read', () => {
    const rows = mapRows()
    for (const offset of [0, 1, 1, 0, 2]) {
      foldInteractions(rows, view(`id-${offset}`, 'ann', `item-${offset}`), at(offset), settings)
    }
    expect(rows.get('user-heads', 'ann', 0)).toMatchObject({ count: 3, applied: 3, offset: 2 })
    expect([...rows.entries('item-statistics')].map(({ key, part }) => [key, part])).toEqual([
      ['item-0', 2],
      ['item-1', 2],
      ['item-2', 2],
    ])
  })

  it('forget the tables that nobody asked for', () => {
    const rows = mapRows({ tables: ['user-heads', 'user-chunks', 'user-ids'] })
    foldInteractions(rows, view('a', 'ann', 'film'), at(0), settings)
    expect(rows.get('user-heads', 'ann', 0)?.count).toBe(1)
    expect([...rows.entries('item-statistics')]).toEqual([])
  })
})
