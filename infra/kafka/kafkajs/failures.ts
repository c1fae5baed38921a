import kafkajs from 'kafkajs'
import { isMillraceError, MillraceError } from '#schemas/errors.ts'
import { isTlsFailure } from '#schemas/tls-failure.ts'

const tooLarge: readonly string[] = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']

const refusals: readonly string[] = [
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
]

const unfit: readonly string[] = [
  'INVALID_SESSION_TIMEOUT',
  'INVALID_GROUP_ID',
  'INCONSISTENT_GROUP_PROTOCOL',
  'UNSUPPORTED_VERSION',
  'INVALID_TOPIC_EXCEPTION',
]

/** A failure of kafkajs as one of ours. `facts.answer` is the protocol's name of what the broker said. */
export function kafkajsFailure(
  error: unknown,
  doing: string,
  facts: Readonly<Record<string, unknown>> = {},
): MillraceError {
  if (isMillraceError(error)) return error
  const cause = rootCause(error)
  const answer = cause instanceof kafkajs.KafkaJSProtocolError ? cause.type : undefined
  const message = `${doing} failed: ${cause instanceof Error ? cause.message : String(cause)}`
  const options = { cause: error, facts: { ...facts, ...(answer !== undefined && { answer }) } }
  if (answer !== undefined && tooLarge.includes(answer)) return new MillraceError('record-too-large', message, options)
  if (isTlsFailure(cause)) return new MillraceError('configuration-invalid', message, options)
  if (answer !== undefined && unfit.includes(answer))
    return new MillraceError('configuration-invalid', message, options)
  const isRefused =
    (answer !== undefined && refusals.includes(answer)) || cause instanceof kafkajs.KafkaJSSASLAuthenticationError
  return isRefused
    ? new MillraceError('unauthorized', message, options)
    : new MillraceError('store-failed', message, { ...options, retriable: true })
}

/** kafkajs wraps what failed in what gave up on it. */
function rootCause(error: unknown): unknown {
  return error instanceof kafkajs.KafkaJSError && error.cause !== undefined ? rootCause(error.cause) : error
}
