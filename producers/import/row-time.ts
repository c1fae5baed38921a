import { parseTime } from '#schemas/api/time.ts'
import type { TimeUnit } from './import-plan.ts'

export type RowTime =
  | { readonly type: 'time'; readonly at: number }
  | { readonly type: 'wrong'; readonly message: string }

/** Reads a time as epoch milliseconds. ISO 8601 is read as the API reads it, and may be a year or a month too. */
export function readTime(text: string, unit: TimeUnit): RowTime {
  switch (unit) {
    case 's':
      return fromNumber(text, 1_000)
    case 'ms':
      return fromNumber(text, 1)
    case 'iso':
      return fromIso(text)
    case 'auto':
      if (!/^-?\d{5,}$/.test(text)) return fromIso(text)
      return Math.abs(Number(text)) < secondsBelow
        ? { type: 'wrong', message: `'${text}' may be seconds: say so with --time-unit s (or ms)` }
        : fromNumber(text, 1)
  }
}

/** As milliseconds it is March 1973, as seconds the year 5138: what lies below is seconds, or very old. */
const secondsBelow = 1e11

/** Largest time a Date can hold. */
const lastTime = 8.64e15

function fromNumber(text: string, factor: number): RowTime {
  const at = Math.round(Number(text) * factor)
  if (text === '' || !Number.isFinite(at) || Math.abs(at) > lastTime)
    return { type: 'wrong', message: `'${text}' is no number of ${factor === 1 ? 'milliseconds' : 'seconds'}` }
  return { type: 'time', at }
}

/** A year or a month stands for its first day: catalogues often know no more. */
function fromIso(text: string): RowTime {
  const day = /^\d{4}$/.test(text) ? `${text}-01-01` : /^\d{4}-\d\d$/.test(text) ? `${text}-01` : text
  const at = parseTime(day)
  return at === undefined ? { type: 'wrong', message: `'${text}' is no ISO 8601 time` } : { type: 'time', at }
}
