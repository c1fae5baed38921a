import { errors, types } from 'cassandra-driver'
import { isMillraceError, MillraceError, type ErrorCode } from '#schemas/errors.ts'
import { isTlsFailure } from '#schemas/tls-failure.ts'

type Facts = Readonly<Record<string, unknown>>

/** Plain numbers, as errors carry them. */
const codes: Readonly<Record<'invalid' | 'unauthorized', number>> = types.responseErrorCodes

/** Answers that the same request may not get again. */
const passing: ReadonlySet<number> = new Set([
  types.responseErrorCodes.serverError,
  types.responseErrorCodes.unavailableException,
  types.responseErrorCodes.overloaded,
  types.responseErrorCodes.isBootstrapping,
  types.responseErrorCodes.truncateError,
  types.responseErrorCodes.writeTimeout,
  types.responseErrorCodes.readTimeout,
  types.responseErrorCodes.readFailure,
  types.responseErrorCodes.writeFailure,
])

/** What a failed statement means: `store-failed`, retriable unless Cassandra refused the statement; `store-full`. */
export function storeError(error: unknown, facts: Facts = {}): MillraceError {
  if (isMillraceError(error)) return error
  const { code, retriable } = meaningOf(error)
  return new MillraceError(code, `Cassandra: ${textOf(error)}`, { retriable, cause: error, facts })
}

/** Whether Cassandra refused a statement as it stands, say because it has no such table. */
export function isInvalid(error: unknown): boolean {
  const cause = isMillraceError(error) ? error.cause : error
  return cause instanceof errors.ResponseError && cause.code === codes.invalid && !isFull(cause)
}

/** What a failed connect means: also `configuration-invalid`. */
export function connectionError(error: unknown, facts: Facts): MillraceError {
  const causes = [error, ...innerErrors(error)]
  const refusal = causes.find((cause) => isRefusal(cause))
  if (isMillraceError(error) || refusal === undefined) return storeError(error, facts)
  const message = `Cassandra refuses the connection: ${textOf(refusal)}`
  return new MillraceError('configuration-invalid', message, { cause: error, facts })
}

function meaningOf(error: unknown): { readonly code: ErrorCode; readonly retriable: boolean } {
  if (error instanceof errors.ResponseError) {
    if (isFull(error)) return { code: 'store-full', retriable: true }
    return { code: 'store-failed', retriable: passing.has(error.code) }
  }
  return { code: 'store-failed', retriable: isOutage(error) }
}

/** No node, no answer in time, a connection that broke: everything else the driver throws is a mistake of its caller. */
function isOutage(error: unknown): boolean {
  if (error instanceof errors.NoHostAvailableError || error instanceof errors.OperationTimedOutError) return true
  if (error instanceof errors.BusyConnectionError) return true
  return error instanceof Error && ('isSocketError' in error || codeOf(error).startsWith('E'))
}

/** The guardrail of disk usage answers `invalid`, as a malformed statement would: only its name tells it apart. */
function isFull(error: errors.ResponseError): boolean {
  return error.code === codes.invalid && /Guardrail \w*disk_usage violated/.test(error.message)
}

/** A wrong datacenter, login, authority, certificate or right. */
function isRefusal(error: unknown): boolean {
  if (error instanceof errors.AuthenticationError || error instanceof errors.ArgumentError) return true
  if (error instanceof errors.ResponseError) return error.code === codes.unauthorized
  return isTlsFailure(error)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function innerErrors(error: unknown): readonly unknown[] {
  return error instanceof errors.NoHostAvailableError ? Object.values(error.innerErrors ?? {}) : []
}

/** The driver's own sentence counts the hosts it tried but does not say what any of them answered. */
function textOf(error: unknown): string {
  const cause = innerErrors(error)[0] ?? error
  if (cause instanceof Error) return cause.message
  return typeof cause === 'string' ? cause : 'no reason is known'
}
