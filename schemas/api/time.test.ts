import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTime } from './time.ts'

describe('a time', () => {
  it('is read from every ISO string that a Date writes', () => {
    const date = fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(date, (at) => {
        expect(parseTime(at.toISOString())).toBe(at.getTime())
      }),
    )
  })

  it('may leave out seconds, fraction, offset and the time of day; then it is UTC', () => {
    const minute = Date.UTC(2024, 1, 29, 12, 30)
    expect(parseTime('2024-02-29')).toBe(Date.UTC(2024, 1, 29))
    expect(parseTime('2024-02-29T12:30')).toBe(minute)
    expect(parseTime('2024-02-29 12:30:00')).toBe(minute)
    expect(parseTime('2024-02-29T12:30:00.1234567Z')).toBe(minute + 123)
    expect(parseTime('2024-02-29T12:30:00,5z')).toBe(minute + 500)
    expect(parseTime('2024-02-29T14:30+02:00')).toBe(minute)
    expect(parseTime('2024-02-29T14:30+0200')).toBe(minute)
    expect(parseTime('2024-02-29T09:00-03:30')).toBe(minute)
    expect(parseTime('2024-02-29T14:30+02')).toBe(minute)
  })

  it('is nothing that no calendar or clock has', () => {
    for (const text of [
      '',
      'yesterday',
      '2023-02-29',
      '2024-13-01',
      '2024-00-10',
      '2024-04-31',
      '2024-01-01T24:00',
      '2024-01-01T12:60',
      '2024-01-01T12:00:60Z',
      '2024-01-01T12:00+25:00',
      '2024-1-1',
      '20240101',
      '1700000000000',
      ' 2024-01-01',
      '2024-01-01T',
    ]) {
      expect({ text, time: parseTime(text) }).toEqual({ text, time: undefined })
    }
  })

  it('is an integer of milliseconds that a Date can hold', () => {
    expect(parseTime(0)).toBe(0)
    expect(parseTime(-1)).toBe(-1)
    expect(parseTime(8.64e15)).toBe(8.64e15)
    for (const value of [1.5, Number.NaN, Infinity, 8.64e15 + 1, null, undefined, true, {}, 10n]) {
      expect(parseTime(value)).toBeUndefined()
    }
  })
})
