import { MillraceError } from '#schemas/errors.ts'

/**
 * What a call of the registry failed with. The client reports a connection that failed as status 400, which the
 * registry itself never answers to what we ask.
 */
export function registryFailure(address: string, cause: unknown): MillraceError {
  const status = statusOf(cause)
  const reason = (cause instanceof Error ? cause.message : String(cause)).replace(clientName, '')
  if (status === undefined || status === 400 || status === 408 || status === 429 || status >= 500) {
    const message = `the schema registry at ${address} did not answer: ${reason}`
    return new MillraceError('store-failed', message, { retriable: true, cause, facts: { address } })
  }
  const message = `the schema registry at ${address} refused with status ${status}: ${reason}`
  return new MillraceError('configuration-invalid', message, { cause, facts: { address, status, reason } })
}

/** The status with which the registry refused, where it did. */
export function refusal(error: unknown): number | undefined {
  return error instanceof MillraceError && error.code === 'configuration-invalid' ? statusOf(error.cause) : undefined
}

const clientName = /^millrace - /

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : undefined
}
