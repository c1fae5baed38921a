import { describe, expect, it } from 'vitest'
import type { Impression } from '#schemas/events/derived.ts'
import { interaction } from '#schemas/fold/events.fixture.ts'
import { clickThrough } from './click-through.ts'

function impression(requestId: string, variant: string): Impression {
  const slot = { score: 1, source: 'factors', propensity: 1, features: {} }
  const where = { generation: 'g', modelVersion: 'm', policy: 'list', userPosition: null }
  const slots = ['a', 'b'].map((itemId) => ({ itemId, ...slot }))
  return { type: 'impression', requestId, userId: 'ann', shownAt: 0, variant, slots, ...where }
}

function act(requestId: string, position: number, id = 'x') {
  return interaction({ id, attribution: { requestId, position } })
}

describe('The click-through rate', () => {
  it('is of each variant its own, a slot counting once', () => {
    const clicks = clickThrough()
    clicks.shown(impression('1', 'a'))
    clicks.shown(impression('2', 'b'))
    clicks.acted(act('1', 0))
    clicks.acted(act('1', 0, 'again'))
    clicks.acted(act('1', 1))
    expect([...clicks.rates()]).toEqual([
      ['a', 1],
      ['b', 0],
    ])
  })

  it('counts what was done before the list was heard of', () => {
    const clicks = clickThrough()
    clicks.acted(act('1', 1))
    clicks.shown(impression('1', 'a'))
    expect(clicks.rates().get('a')).toBe(0.5)
  })

  it('leaves out what was done on lists it has not seen, and what is attributed to none', () => {
    const clicks = clickThrough()
    clicks.shown(impression('1', 'a'))
    clicks.acted(act('unknown', 0))
    clicks.acted(interaction({ id: 'y' }))
    expect(clicks.rates().get('a')).toBe(0)
  })

  it('never passes 1, whatever places clients make up', () => {
    const clicks = clickThrough()
    for (const place of [2, 99, 100, 1_000_000]) clicks.acted(act('1', place))
    clicks.shown(impression('1', 'a'))
    for (const place of [0, 1, 2, 50]) clicks.acted(act('1', place))
    expect(clicks.rates().get('a')).toBe(1)
  })
})
