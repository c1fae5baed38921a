import { idFault } from '#schemas/api/text.ts'
import type { FileRow } from './file-rows.ts'
import type { ImportPlan } from './import-plan.ts'
import type { RowProblem } from './imported-events.ts'
import { readTime } from './row-time.ts'

/** The fields of one row by their plan. A field that is empty or not mapped is undefined; one that is wrong is a problem too. */
export interface RowFields {
  readonly problems: readonly RowProblem[]
  /** A user or item id: 1 to 256 bytes without control characters. Missing is a problem. */
  id(field: string): string
  text(field: string): string | undefined
  number(field: string): number | undefined
  boolean(field: string): boolean | undefined
  /** Epoch milliseconds. */
  time(field: string): number | undefined
  list(field: string): readonly string[]
  /** The value as the file has it: what a JSON line holds beside text and numbers. */
  raw(field: string): unknown
  refuse(field: string, message: string, code?: string): undefined
}

export type ReadRow = (row: Extract<FileRow, { type: 'row' }>) => RowFields

/** Prepares the reading of rows by a plan. */
export function rowReader(plan: ImportPlan): ReadRow {
  const captures = new Map(
    Object.entries(plan.captures).map(([field, pattern]) => [field, new RegExp(pattern, 'u')] as const),
  )
  return (row) => rowFields(row, plan, captures)
}

function rowFields(
  row: Extract<FileRow, { type: 'row' }>,
  plan: ImportPlan,
  captures: ReadonlyMap<string, RegExp>,
): RowFields {
  const problems: RowProblem[] = []
  const refuse = (field: string, message: string, code = 'invalid-input'): undefined => {
    problems.push({ code, field, message })
  }
  const raw = (field: string): unknown => {
    const column = plan.columns[field]
    const value = column === undefined ? undefined : row.get(column)
    return value === null || value === '' ? undefined : value
  }
  const text = (field: string): string | undefined => {
    const value = raw(field)
    if (value === undefined) return undefined
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      return refuse(field, 'is neither text nor a number')
    const pattern = captures.get(field)
    const found = pattern === undefined ? String(value) : pattern.exec(String(value))?.[1]
    return found === '' ? undefined : found
  }
  return {
    problems,
    raw,
    text,
    refuse,
    id(field) {
      const value = text(field)?.trim() ?? ''
      const fault = value === '' ? 'is missing' : idFault(value)
      if (fault !== undefined) refuse(field, fault)
      else if (value.includes('\u{fffd}')) refuse(field, 'holds bytes that are not UTF-8: two ids could become one')
      return value
    },
    number(field) {
      const value = text(field)?.trim()
      if (value === undefined) return undefined
      const number = value === '' ? Number.NaN : Number(value)
      return Number.isFinite(number) ? number : refuse(field, `'${value}' is no number`)
    },
    boolean(field) {
      const value = text(field)?.trim().toLowerCase()
      if (value === undefined) return undefined
      if (['true', '1', 'yes'].includes(value)) return true
      return ['false', '0', 'no'].includes(value) ? false : refuse(field, `'${value}' is neither true nor false`)
    },
    time(field) {
      const value = text(field)?.trim()
      if (value === undefined) return undefined
      const time = readTime(value, plan.timeUnit)
      return time.type === 'time' ? time.at : refuse(field, time.message)
    },
    list(field) {
      const value = raw(field)
      const separator = plan.lists[field]
      if (Array.isArray(value)) {
        const elements: readonly unknown[] = value
        if (elements.every((element) => typeof element === 'string')) return distinct(elements)
        refuse(field, 'is a list of something other than text')
        return []
      }
      const joined = text(field)
      if (joined === undefined) return []
      return distinct(separator === undefined ? [joined] : joined.split(separator))
    },
  }
}

function distinct(elements: readonly string[]): readonly string[] {
  return [...new Set(elements.map((element) => element.trim()).filter((element) => element !== ''))]
}
