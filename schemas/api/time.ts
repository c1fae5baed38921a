import { Type } from 'typebox'

/** Farthest a Date reaches from 1970, ms. */
const maxTime = 8_640_000_000_000_000

/**
 * Epoch milliseconds of a time as clients write it: integer ms, or ISO 8601 (a date, or date and time; a fraction is
 * cut to ms; without an offset it is UTC). Undefined for anything else, including days that no calendar has.
 */
export function parseTime(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) <= maxTime ? value : undefined
  return typeof value === 'string' ? parseIsoTime(value) : undefined
}

/** A time in the API. */
export const Time = Type.Refine(
  Type.Unsafe<number | string>({
    type: ['integer', 'string'],
    description: 'milliseconds since 1970, or ISO 8601 (UTC unless it has an offset)',
    examples: [1_700_000_000_000, '2023-11-14T22:13:20Z'],
  }),
  (value) => parseTime(value) !== undefined,
  () => 'must be integer milliseconds since 1970 or an ISO 8601 time',
)

function parseIsoTime(text: string): number | undefined {
  const match = isoTime.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0))
  const offset = offsetMinutes(match[8])
  if (hour! > 23 || minute! > 59 || second! > 59 || offset === undefined) return undefined
  const ms = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  const time = new Date(Date.UTC(year!, month! - 1, day, hour, minute, second, ms))
  const onCalendar = time.getUTCFullYear() === year && time.getUTCMonth() === month! - 1 && time.getUTCDate() === day
  return onCalendar ? time.getTime() - offset * 60_000 : undefined
}

function offsetMinutes(text: string | undefined): number | undefined {
  if (text === undefined || text === 'Z' || text === 'z') return 0
  const hours = Number(text.slice(1, 3))
  const minutes = Number(text.slice(3).replace(':', '') || 0)
  if (hours > 23 || minutes > 59) return undefined
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

const isoTime = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d\d(?::?\d\d)?)?)?$/
