import type { Validator } from 'typebox/compile'
import { faultOf } from '#schemas/api/fault.ts'
import type { FileRow } from './file-rows.ts'
import type { MappedRow } from './imported-events.ts'

type Refused = Extract<MappedRow<never>, { type: 'rejected' }>

/** The rejection of a row that could not be split or parsed. */
export function brokenRow({ line, raw, message }: Extract<FileRow, { type: 'broken' }>): Refused {
  return { type: 'rejected', line, raw, problem: { code: 'malformed', field: '', message } }
}

/** The rejection of a row whose event the API's schema refuses. */
export function refusedRow({ line, raw }: FileRow, check: Validator, event: unknown): Refused {
  const { code, field, reason } = faultOf(check, event)
  return { type: 'rejected', line, raw, problem: { code, field, message: reason } }
}
