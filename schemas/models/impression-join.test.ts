import { describe, expect, it } from 'vitest'
import type { Impression } from '../events/derived.ts'
import { interaction, erase } from '../fold/events.fixture.ts'
import { defaultFoldSettings } from '../settings.ts'
import { impressionJoin } from './impression-join.ts'

const join = () => impressionJoin(defaultFoldSettings, { windowMs: 100, mostOpen: 3 })

function list(requestId: string, shownAt: number, over: Partial<Impression> = {}): Impression {
  const slot = { score: 1, source: 'factors', propensity: 1, features: {} }
  const where = { generation: 'g', modelVersion: 'm', variant: 'v', policy: 'mmr-gumbel', userPosition: null }
  const slots = ['a', 'b', 'c'].map((itemId) => ({ itemId, ...slot }))
  return { type: 'impression', requestId, userId: 'ann', shownAt, slots, ...where, ...over }
}

function click(itemId: string, at: number, attribution: { requestId: string; position: number } | null = null) {
  return interaction({ id: `${itemId}${at}`, itemId, action: 'click', attribution, occurredAt: at, acceptedAt: at })
}

const labelsOf = (joined: ReturnType<ReturnType<typeof join>['closed']>) => joined.map(({ labels }) => [...labels])

describe('Joining lists with what followed', () => {
  it('marks the slot an interaction is attributed to, whichever is heard of first', () => {
    for (const clickFirst of [true, false]) {
      const joining = join()
      if (clickFirst) joining.acted(click('b', 10, { requestId: '1', position: 1 }))
      joining.shown(list('1', 0))
      if (!clickFirst) joining.acted(click('b', 10, { requestId: '1', position: 1 }))
      expect(labelsOf(joining.closed(100))).toEqual([[0, 1, 0]])
    }
  })

  it('gives an interaction without attribution to the latest list that had the item', () => {
    const joining = join()
    joining.shown(list('1', 0))
    joining.shown(list('2', 20))
    joining.acted(click('c', 30))
    expect(labelsOf(joining.closed(200))).toEqual([
      [0, 0, 0],
      [0, 0, 1],
    ])
  })

  it('closes a list when its window ends, and not before; what comes later does not count', () => {
    const joining = join()
    joining.shown(list('1', 0))
    expect(joining.closed(99)).toEqual([])
    joining.acted(click('a', 101, { requestId: '1', position: 0 }))
    expect(labelsOf(joining.closed(100))).toEqual([[0, 0, 0]])
    expect(joining.closed(1_000)).toEqual([])
  })

  it('counts no dislike, no other item at the place, no list that nothing drew', () => {
    const joining = join()
    joining.shown(list('1', 0))
    joining.shown(list('2', 0, { policy: 'list' }))
    joining.acted(interaction({ id: 'd', itemId: 'a', action: 'dislike', occurredAt: 1, acceptedAt: 1 }))
    joining.acted(click('b', 2, { requestId: '1', position: 0 }))
    expect(labelsOf(joining.closed(100))).toEqual([[0, 0, 0]])
  })

  it('forgets the lists of whoever is erased, and leaves new ones out while too many are open', () => {
    const joining = join()
    joining.shown(list('1', 0))
    joining.acted(erase('e'))
    expect(joining.closed(1_000)).toEqual([])
    for (const n of [2, 3, 4, 5]) joining.shown(list(String(n), n))
    const closed = joining.closed(1_000).map(({ impression }) => impression.requestId)
    expect(closed).toEqual(['2', '3', '4'])
  })
})
