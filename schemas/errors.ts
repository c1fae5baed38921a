/** Every way Millrace can fail on purpose. Callers branch on the code, never on the message. */
export const errorCodes = [
  'invalid-input',
  'unknown-interaction-type',
  'payload-too-large',
  'overloaded',
  'not-found',
  'conflict',
  'log-went-back',
  'log-truncated',
  'log-full',
  'record-too-large',
  'record-unreadable',
  'schema-unknown',
  'store-failed',
  'store-full',
  'stopped',
  'folder-in-use',
  'format-unsupported',
  'model-refused',
  'model-unknown',
  'training-impossible',
  'time-split-impossible',
  'lease-lost',
  'address-in-use',
  'configuration-invalid',
  'clock-skewed',
  'tool-missing',
  'server-failed',
  'unauthorized',
  'broken-invariant',
] as const

export type ErrorCode = (typeof errorCodes)[number]

export interface MillraceErrorOptions {
  /** True when the same call may succeed later without anything being mended. */
  readonly retriable?: boolean
  readonly cause?: unknown
  /** What a program or an operator needs to know, by name: field, topic, offset, path. */
  readonly facts?: Readonly<Record<string, unknown>>
}

export class MillraceError extends Error {
  readonly code: ErrorCode
  readonly retriable: boolean
  readonly facts: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: MillraceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'MillraceError'
    this.code = code
    this.retriable = options.retriable ?? false
    this.facts = options.facts ?? {}
  }
}

export function isMillraceError(error: unknown, code?: ErrorCode): error is MillraceError {
  return error instanceof MillraceError && (code === undefined || error.code === code)
}
