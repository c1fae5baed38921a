import type { Validator } from 'typebox/compile'
import { faultOf } from '#schemas/api/fault.ts'
import { idFault } from '#schemas/api/text.ts'
import type { Rejection } from '#schemas/api/write-answers.ts'

/** Elements of a request: JSON values, with an error in the place of each that could not be read. */
export type RawElements = readonly unknown[]

/** Rejects one element for what `check` finds wrong with it, or because it could not be read at all. */
export function rejectionOf(check: Validator, raw: unknown, index: number): Rejection {
  if (raw instanceof Error) return rejection(index, raw, 'malformed', '', `is not JSON: ${raw.message}`)
  const { code, field, reason } = faultOf(check, raw)
  return rejection(index, raw, code, field, reason)
}

/** A rejection that names the element by its id, where it has a usable one. */
export function rejection(index: number, raw: unknown, code: string, field: string, reason: string): Rejection {
  const id = usableId(raw)
  const message = `${field === '' ? 'the element' : field} ${reason}`
  return { index, ...(id === undefined ? {} : { id }), code, field, message }
}

function usableId(raw: unknown): string | undefined {
  if (typeof raw !== 'object' || raw === null || !('id' in raw)) return undefined
  return typeof raw.id === 'string' && idFault(raw.id) === undefined ? raw.id : undefined
}
