import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMillraceError } from '../errors.ts'
import { blankRow, tableNames } from '../rows/tables.ts'
import { topicNames } from '../topics.ts'
import { anyEvent } from './codec-events.contract.ts'
import { anyRow } from './codec-rows.contract.ts'
import type { Codec } from './codec.ts'

/** What every codec does, whatever its bytes are. */
export function codecContract(name: string, codec: Codec): void {
  describe(`${name} as a codec`, () => {
    it.each(topicNames)('reads back any event of %s, to the same bytes again', (topic) => {
      fc.assert(
        fc.property(anyEvent[topic], (event) => {
          const bytes = codec.encodeEvent(topic, event)
          const decoded = codec.decodeEvent(topic, bytes)
          expect(decoded).toStrictEqual(event)
          expect(codec.encodeEvent(topic, decoded)).toEqual(bytes)
        }),
      )
    })

    it.each(tableNames)('reads back any row of %s, and gives equal rows equal bytes', (table) => {
      fc.assert(
        fc.property(anyRow[table], (row) => {
          const bytes = codec.encodeRow(table, row)
          const decoded = codec.decodeRow(table, bytes)
          expect(decoded).toStrictEqual(row)
          expect(codec.encodeRow(table, decoded)).toEqual(bytes)
          expect(codec.encodeRow(table, structuredClone(row))).toEqual(bytes)
        }),
      )
    })

    it.each(tableNames)('gives rows of %s that are not equal other bytes', (table) => {
      const different = fc.tuple(anyRow[table], anyRow[table]).filter(([a, b]) => !isEqual(a, b))
      fc.assert(
        fc.property(different, ([a, b]) => {
          expect(codec.encodeRow(table, a)).not.toEqual(codec.encodeRow(table, b))
        }),
      )
    })

    it('keeps the order of a map, which is part of a row', () => {
      const row = blankRow['item-statistics']()
      for (const key of ['b', '__proto__', '10', 'a', '9']) row.coViews.set(key, { count: 2, error: 1 })
      const bytes = codec.encodeRow('item-statistics', row)
      expect([...codec.decodeRow('item-statistics', bytes).coViews.keys()]).toEqual([...row.coViews.keys()])
      row.coViews = new Map([...row.coViews].reverse())
      expect(codec.encodeRow('item-statistics', row)).not.toEqual(bytes)
    })

    it('keeps attributes of any name', () => {
      const attributes: Record<string, string> = JSON.parse('{"__proto__":"a","constructor":"b","10":"c","9":"d"}')
      const row = { ...blankRow.profiles(), profile: { attributes, interests: [] } }
      const decoded = codec.decodeRow('profiles', codec.encodeRow('profiles', row)).profile?.attributes
      expect(Object.entries(decoded ?? {})).toEqual(Object.entries(attributes))
      expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype)
    })

    it('hands out bytes that later calls do not change', () => {
      const first = codec.encodeRow('profiles', blankRow.profiles())
      const before = first.slice()
      codec.encodeRow('profiles', { ...blankRow.profiles(), offset: 99 })
      expect(first).toEqual(before)
    })

    it('writes rows of any size', () => {
      const row = blankRow['user-ids']()
      for (let i = 0; i < 20_000; i++) row.ids.set(i * 1e9, { offset: i, clock: 1.7e12 + i })
      expect(codec.decodeRow('user-ids', codec.encodeRow('user-ids', row))).toStrictEqual(row)
    })

    it.each(topicNames)('refuses an event of %s that was cut short or goes on', (topic) => {
      fc.assert(
        fc.property(anyEvent[topic], fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (event, share) => {
          const bytes = codec.encodeEvent(topic, event)
          const short = bytes.slice(0, Math.floor(share * bytes.length))
          expect(codeOf(() => codec.decodeEvent(topic, short))).toBe('record-unreadable')
          expect(codeOf(() => codec.decodeEvent(topic, Uint8Array.of(...bytes, 0)))).toBe('record-unreadable')
        }),
      )
    })

    it.each(tableNames)('answers a row of %s or a clear error for bytes that were damaged', (table) => {
      const damage = fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 8 }))
      fc.assert(
        fc.property(anyRow[table], damage, (row, [place, garbage]) => {
          const bytes = codec.encodeRow(table, row)
          bytes.set(garbage.subarray(0, bytes.length), place % Math.max(1, bytes.length - garbage.length))
          expect([undefined, 'record-unreadable', 'schema-unknown']).toContain(
            codeOf(() => codec.decodeRow(table, bytes)),
          )
        }),
      )
    })

    it('holds every safe integer', () => {
      const edges = [0, 2 ** 6, 2 ** 13, 2 ** 27, 2 ** 28, 2 ** 31, 2 ** 32, 2 ** 52, Number.MAX_SAFE_INTEGER]
      for (const edge of edges.flatMap((n) => [n - 1, n, -n, -n - 1]).filter(Number.isSafeInteger)) {
        const row = { ...blankRow.profiles(), offset: edge + 0 }
        expect(codec.decodeRow('profiles', codec.encodeRow('profiles', row)).offset).toBe(row.offset)
      }
    })

    it('refuses to write what it could not read back', () => {
      for (const offset of [-(2 ** 53), 2 ** 53, 0.5, Number.NaN]) {
        expect(codeOf(() => codec.encodeRow('profiles', { ...blankRow.profiles(), offset }))).toBe('invalid-input')
      }
    })
  })
}

/** As a row's bytes see it: a map's order counts. */
function isEqual(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (part instanceof Map) return [...part]
    return typeof part === 'number' ? (Object.is(part, -0) ? '-0' : String(part)) : part
  })
}

function codeOf(act: () => unknown): unknown {
  try {
    act()
    return undefined
  } catch (error) {
    return isMillraceError(error) ? error.code : error
  }
}
