import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idFault } from '#schemas/api/text.ts'
import { defaultFoldSettings } from '#schemas/settings.ts'
import { interactionAcceptor, maxAheadMs } from './accept-interactions.ts'

const now = 1_700_000_000_000
const accept = interactionAcceptor(defaultFoldSettings, () => 'made')
const types = Object.keys(defaultFoldSettings.actions)

describe('an accepted interaction', () => {
  it('is an event or a rejection with index, field and reason, whatever JSON comes in', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (raw) => {
        const { events, rejected } = accept(raw, now)
        expect(events.length + rejected.length).toBe(raw.length)
        for (const each of rejected) expect(each.message.length).toBeGreaterThan(each.field.length)
      }),
    )
  })

  it('is an event exactly when every field is as the issue says', () => {
    const id = fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\ud800', '🎬'), maxLength: 130 })
    const near = fc.record(
      {
        id: fc.option(id),
        userId: id,
        itemId: id,
        type: fc.constantFrom(...types, 'x', 'toString'),
        value: fc.option(fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom(Number.NaN, Infinity, 4.5))),
        occurredAt: fc.option(fc.oneof(fc.integer({ min: now, max: now + 2 * maxAheadMs }), fc.constantFrom(1.5, -9))),
      },
      { requiredKeys: [] },
    )
    const isId = (text: string | null | undefined) => typeof text === 'string' && idFault(text) === undefined
    fc.assert(
      fc.property(near, (raw) => {
        const rates = raw.type === 'rating'
        const value = raw.value ?? undefined
        const time = raw.occurredAt ?? now
        const good =
          isId(raw.userId) &&
          isId(raw.itemId) &&
          (raw.id === undefined || raw.id === null || isId(raw.id)) &&
          types.includes(raw.type ?? '') &&
          (value === undefined ? !rates : Number.isFinite(value) && (!rates || (value >= 1 && value <= 5))) &&
          Number.isInteger(time) &&
          time <= now + maxAheadMs
        const { events, rejected } = accept([raw], now)
        expect({ raw, events: events.length, rejected: rejected.length }).toEqual({
          raw,
          events: good ? 1 : 0,
          rejected: good ? 0 : 1,
        })
      }),
      { numRuns: 2_000 },
    )
  })

  it('carries what was sent and nothing else', () => {
    const raw = {
      id: 'e',
      userId: 'u',
      itemId: 'i',
      type: 'rating',
      value: 4.5,
      occurredAt: 5,
      sessionId: 's',
      context: { device: 'tv', hour: 20, kids: false },
      attribution: { requestId: 'r', position: 3 },
    }
    expect(accept([raw], now).events).toEqual([
      {
        type: 'interaction',
        id: 'e',
        userId: 'u',
        itemId: 'i',
        action: 'rating',
        value: 4.5,
        occurredAt: 5,
        acceptedAt: now,
        sessionId: 's',
        context: { device: 'tv', hour: '20', kids: 'false' },
        attribution: { requestId: 'r', position: 3 },
        source: null,
        sequence: null,
        mended: false,
      },
    ])
  })

  it('has a bounded, flat context', () => {
    const withContext = (context: unknown) => accept([{ userId: 'u', itemId: 'i', type: 'view', context }], now)
    const wide = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, i]))
    expect(withContext(wide(32)).events).toHaveLength(1)
    for (const context of [
      wide(33),
      { nested: {} },
      { list: [] },
      { none: null },
      { infinite: Infinity },
      { long: 'x'.repeat(257) },
      { ['x'.repeat(257)]: 1 },
      { control: '\u0000' },
      JSON.parse('{"__proto__":"x"}'),
      [],
      'text',
    ]) {
      expect(withContext(context).rejected).toMatchObject([{ field: expect.stringContaining('context') }])
    }
  })

  it('has a whole attribution', () => {
    for (const attribution of [
      {},
      { requestId: 'r' },
      { requestId: 'r', position: -1 },
      { requestId: '', position: 0 },
    ]) {
      const { rejected } = accept([{ userId: 'u', itemId: 'i', type: 'view', attribution }], now)
      expect(rejected).toMatchObject([{ field: expect.stringContaining('attribution') }])
    }
  })

  it('may be of any type that is configured, and needs a value where that is a rating', () => {
    const own = interactionAcceptor(
      { actions: { stars: { type: 'rating', low: -1, high: 1 } }, ratingScale: { min: 0, max: 10 } },
      () => 'made',
    )
    const base = { userId: 'u', itemId: 'i' }
    const { events, rejected } = own(
      [
        { ...base, type: 'stars', value: 10 },
        { ...base, type: 'stars' },
        { ...base, type: 'view' },
      ],
      now,
    )
    expect(events).toHaveLength(1)
    expect(rejected).toMatchObject([
      { index: 1, field: 'value' },
      { index: 2, field: 'type', message: 'type must be one of stars' },
    ])
  })
})
