import { MillraceError } from '#schemas/errors.ts'

/** How long a client still waits for its answer, in ms. Not a point in time: clocks differ between machines. */
export const deadlineHeader = 'x-deadline-ms'

export interface DeadlineLimits {
  /** Of a request that says nothing. Default 15,000. */
  readonly defaultMs: number
  /** No request may wait longer. Default 60,000. */
  readonly maxMs: number
}

/** What is left of the time for a request, in whole ms; 0 when it is spent. */
export type Deadline = () => number

/** Throws `invalid-input` when the header is not a number of ms. */
export function deadlineOf(header: string | string[] | undefined, { defaultMs, maxMs }: DeadlineLimits): Deadline {
  if (header !== undefined && (Array.isArray(header) || !/^[1-9]\d{0,8}$/.test(header))) {
    throw new MillraceError('invalid-input', `${deadlineHeader} must be whole milliseconds, as 1500`, {
      facts: { field: deadlineHeader },
    })
  }
  const end = performance.now() + Math.min(maxMs, header === undefined ? defaultMs : Number(header))
  return () => Math.max(0, Math.ceil(end - performance.now()))
}
