import { AuthenticationError, protocolErrorsCodesById, UserError } from '@platformatic/kafka'
import { isMillraceError, MillraceError } from '#schemas/errors.ts'
import { isTlsFailure } from '#schemas/tls-failure.ts'

/** Error codes of the protocol that are told apart, by their names. */
export const protocolCode = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  messageTooLarge: 10,
  recordListTooLarge: 18,
  topicAlreadyExists: 36,
  unknownTopicId: 100,
  inconsistentTopicId: 103,
} as const

const names: Readonly<Record<number, string>> = protocolErrorsCodesById

/** Answers after which the same request may succeed without anything being mended: leaders move, brokers start, replicas catch up. */
const passing: ReadonlySet<number> = new Set([
  2, 3, 5, 6, 7, 8, 9, 13, 14, 15, 16, 19, 20, 41, 56, 72, 74, 75, 78, 89, 100,
])

/** A request that failed in sending may also be asked again when it was refused for one of these. */
export function passes(code: number): boolean {
  return passing.has(code)
}

/** An answer with an error code, as an error of ours. */
export function refused(what: string, code: number, facts: Readonly<Record<string, unknown>>): MillraceError {
  const answer = names[code] ?? `error ${code}`
  if (code === protocolCode.messageTooLarge || code === protocolCode.recordListTooLarge) {
    return new MillraceError('record-too-large', `Kafka refused ${what}: ${answer}`, { facts: { ...facts, answer } })
  }
  if (code === 29 || code === 31 || code === 58) {
    return new MillraceError('unauthorized', `Kafka refused ${what}: ${answer}`, { facts: { ...facts, answer } })
  }
  return new MillraceError('store-failed', `Kafka refused ${what}: ${answer}`, {
    retriable: true,
    facts: { ...facts, answer },
  })
}

/** A connection that could not be made or was lost, as an error of ours. */
export function unreachable(what: string, cause: unknown): MillraceError {
  if (isMillraceError(cause)) return cause
  for (let error = cause; error instanceof Error; error = error.cause) {
    if (error instanceof AuthenticationError) {
      return new MillraceError('unauthorized', `Kafka does not know us: ${error.message}`, { cause })
    }
    if (error instanceof UserError) {
      return new MillraceError('configuration-invalid', `Kafka cannot be spoken to: ${error.message}`, { cause })
    }
    if (isTlsFailure(error)) {
      return new MillraceError('configuration-invalid', `TLS with Kafka failed: ${error.message}`, { cause })
    }
  }
  return new MillraceError('store-failed', `Kafka did not answer ${what}`, { retriable: true, cause })
}
