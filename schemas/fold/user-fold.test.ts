import { describe, expect, it } from 'vitest'
import { dayMs } from '../settings.ts'
import { adopt, carried, erase, foldAll, imported, interaction, smallSettings, start } from './events.fixture.ts'
import { wholeHistory } from './whole-history.ts'

function historyOf(events: Parameters<typeof foldAll>[0]): string[] {
  const { rows } = foldAll(events)
  return wholeHistory(rows, 'ann', smallSettings.limits).map((entry) => entry.itemId)
}

function views(count: number): ReturnType<typeof interaction>[] {
  return Array.from({ length: count }, (_, i) => interaction({ id: `v${i}`, itemId: `i${i}` }))
}

describe('An interaction', () => {
  it('is counted once, however often it comes within a week', () => {
    const first = interaction({ id: 'x' })
    const again = interaction({ id: 'x', acceptedAt: start + 6 * dayMs })
    expect(foldAll([first, first, again]).outcomes).toEqual(['counted', 'repeat', 'repeat'])
  })

  it('is recognised after its id has left the head for an id row', () => {
    expect(foldAll([...views(9), interaction({ id: 'v0' })]).outcomes.at(-1)).toBe('repeat')
  })

  it('counts again under an id that is older than a week on the clock of its user', () => {
    const later = interaction({ id: 'x', acceptedAt: start + 8 * dayMs })
    expect(foldAll([interaction({ id: 'x' }), later]).outcomes).toEqual(['counted', 'counted'])
  })

  it('of another user may carry the same id', () => {
    const other = interaction({ id: 'x', userId: 'bob' })
    expect(foldAll([interaction({ id: 'x' }), other]).outcomes).toEqual(['counted', 'counted'])
  })

  it('that is a repeat changes no row and moves no clock', () => {
    const once = foldAll([interaction({ id: 'x' })])
    const twice = foldAll([interaction({ id: 'x' }), interaction({ id: 'x', acceptedAt: start + dayMs })])
    expect(twice.rows.get('user-heads', 'ann', 0)).toEqual(once.rows.get('user-heads', 'ann', 0))
    expect(twice.rows.get('item-statistics', 'a', 0)).toEqual(once.rows.get('item-statistics', 'a', 0))
  })

  it('joins the session of its id until the user pauses for half an hour', () => {
    const minute = 60_000
    const times = [0, 10, 35, 70].map((minutes) => start + minutes * minute)
    const events = times.map((time, i) => interaction({ id: `s${i}`, occurredAt: time, acceptedAt: time }))
    const head = foldAll(events).rows.get('user-heads', 'ann', 0)
    expect(head).toMatchObject({ sessionStartedAt: times[3], sessionCount: 1, count: 4, applied: 4 })
  })
})

describe('A history', () => {
  it('is whole across heads and chunks, oldest first', () => {
    expect(historyOf(views(10))).toEqual(views(10).map((event) => event.itemId))
  })

  it('keeps the last interactions that count once the ring has gone round', () => {
    expect(historyOf(views(30))).toEqual(
      views(30)
        .slice(-12)
        .map((event) => event.itemId),
    )
  })
})

describe('An imported line', () => {
  it('is known by its sequence for ever', () => {
    const late = imported(1, { acceptedAt: start + 900 * dayMs })
    expect(foldAll([imported(1), imported(2), late, imported(3)]).outcomes).toEqual([
      'counted',
      'counted',
      'repeat',
      'counted',
    ])
  })

  it('that was mended counts once below a sequence that has passed', () => {
    const mended = imported(1, { mended: true })
    expect(foldAll([imported(2), mended, mended]).outcomes).toEqual(['counted', 'counted', 'repeat'])
  })
})

describe('An erase', () => {
  it('empties the history and takes the user out of every item, sealed chunks included', () => {
    const { rows } = foldAll([...views(10), erase('e')])
    expect(wholeHistory(rows, 'ann', smallSettings.limits)).toEqual([])
    for (const { row } of rows.entries('item-statistics')) expect(row.users).toEqual([])
    expect(rows.get('user-heads', 'ann', 0)).toMatchObject({ count: 0, erasedAt: 10, applied: 11, actionCounts: [] })
  })

  it('does not make repeats count again', () => {
    expect(
      foldAll([interaction({ id: 'x' }), imported(1), erase('e'), interaction({ id: 'x' }), imported(1)]).outcomes,
    ).toEqual(['counted', 'counted', 'erased', 'repeat', 'repeat'])
  })

  it('is itself counted once', () => {
    expect(foldAll([interaction({ id: 'x' }), erase('e'), interaction({ id: 'y' }), erase('e')]).outcomes.at(-1)).toBe(
      'repeat',
    )
  })
})

describe('An adopt', () => {
  const history = [carried('g1', 'a', 1), carried('g2', 'b', 2)]

  it('brings the history of a guest once, and later only what is new', () => {
    const more = [...history, carried('g3', 'c', 5)]
    expect(historyOf([adopt('x', history), adopt('y', history), adopt('z', more)])).toEqual(['a', 'b', 'c'])
  })

  it('leaves out what this user has sent under the same id', () => {
    expect(historyOf([interaction({ id: 'g1', itemId: 'a' }), adopt('x', history)])).toEqual(['a', 'b'])
  })

  it('does not touch the rows of items, which have counted the guest', () => {
    expect([...foldAll([adopt('x', history)]).rows.entries('item-statistics')]).toEqual([])
  })

  it('built before an erase is refused', () => {
    const { outcomes } = foldAll([interaction({ id: 'x' }), erase('e'), adopt('late', history, { basedOn: 0 })])
    expect(outcomes).toEqual(['counted', 'erased', 'refused'])
  })
})
