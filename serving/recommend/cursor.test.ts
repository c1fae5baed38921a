import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMillraceError } from '#schemas/errors.ts'
import { cursorLifeMs, decodeCursor, encodeCursor } from './cursor.ts'

const key = 'a key of more than sixteen bytes'
const now = 1_700_000_000_000
const states = fc.record({
  userId: fc.string({ unit: 'grapheme' }),
  generation: fc.string(),
  seed: fc.nat(),
  requestId: fc.string(),
  shown: fc.array(fc.integer({ min: 0, max: 0xffffffff }), { maxLength: 100 }),
})

function isRefused(act: () => unknown): boolean {
  try {
    act()
    return false
  } catch (error) {
    return isMillraceError(error, 'invalid-input')
  }
}

describe('a cursor', () => {
  it('gives back what it was made of, and is safe in a URL', () => {
    fc.assert(
      fc.property(states, (state) => {
        const token = encodeCursor(state, key, now)
        expect(token).toMatch(/^[\w-]+$/)
        expect(decodeCursor(token, key, state.userId, now + cursorLifeMs - 1)).toEqual(state)
      }),
    )
  })

  it('is refused once it has expired, for another user, and under another key', () => {
    fc.assert(
      fc.property(states, (state) => {
        const token = encodeCursor(state, key, now)
        expect(isRefused(() => decodeCursor(token, key, state.userId, now + cursorLifeMs))).toBe(true)
        expect(isRefused(() => decodeCursor(token, key, `${state.userId}!`, now))).toBe(true)
        expect(isRefused(() => decodeCursor(token, `${key}!`, state.userId, now))).toBe(true)
      }),
    )
  })

  it('is refused when any character of it was changed, added or taken away', () => {
    fc.assert(
      fc.property(states, fc.nat(), fc.constantFrom('A', 'b', '-', ' ', ''), (state, at, other) => {
        const token = encodeCursor(state, key, now)
        const place = at % (token.length + 1)
        for (const forged of [
          token.slice(0, place) + other + token.slice(place + 1),
          token.slice(0, place) + other + token.slice(place),
          token.slice(0, place),
        ]) {
          expect(forged === token || isRefused(() => decodeCursor(forged, key, state.userId, now))).toBe(true)
        }
      }),
    )
  })

  it('is refused when it is anything else', () => {
    fc.assert(
      fc.property(fc.string(), (token) => {
        expect(isRefused(() => decodeCursor(token, key, '', now))).toBe(true)
      }),
    )
  })
})
