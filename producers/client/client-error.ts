/** Problem details (RFC 9457) as the server answers them. */
export interface ProblemDetails {
  readonly title?: string
  readonly detail?: string
  readonly code?: string
  readonly field?: string
  readonly instance?: string
  readonly rejected?: unknown
}

export interface ClientErrorFacts {
  /** Of the HTTP answer; absent where there was none. */
  readonly status?: number
  /** The part of the request at fault. */
  readonly field?: string
  /** What is wrong with it. */
  readonly reason?: string
  readonly problem?: ProblemDetails
  readonly cause?: unknown
}

/**
 * What calls reject with. `code` is the server's, or one of this client: `unreachable` (no answer, or none that Millrace
 * gives, after all retries), `http-error` (an error without problem details), `queue-full`, `closed`.
 */
export class MillraceClientError extends Error implements ClientErrorFacts {
  readonly code: string
  declare readonly status?: number
  declare readonly field?: string
  declare readonly reason?: string
  declare readonly problem?: ProblemDetails

  constructor(code: string, message: string, facts: ClientErrorFacts = {}) {
    super(message)
    this.name = 'MillraceClientError'
    this.code = code
    Object.assign(this, facts)
  }
}
