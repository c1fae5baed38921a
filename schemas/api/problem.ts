import { type Static, Type } from 'typebox'
import { type ErrorCode, isMillraceError, type MillraceError } from '../errors.ts'

export const problemMediaType = 'application/problem+json'

/** RFC 9457 problem details: the body of every answer that is an error. Callers branch on `code`. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'a URI that names the kind of problem' }),
    title: Type.String({ description: 'the kind of problem, for people' }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.Optional(Type.String({ description: 'what was wrong this time' })),
    instance: Type.Optional(Type.String({ description: 'names this occurrence in the logs of the server' })),
    code: Type.String({ description: 'the kind of problem, for programs' }),
    field: Type.Optional(Type.String({ description: 'the part of the request that was at fault' })),
    rejected: Type.Optional(Type.Array(Type.Unknown(), { description: 'every rejected element, with its reason' })),
    reasons: Type.Optional(Type.Array(Type.String(), { description: 'what is being waited for' })),
  },
  { description: 'Problem details (RFC 9457)' },
)

export type Problem = Static<typeof Problem>

export type ProblemMembers = Pick<Problem, 'instance' | 'field' | 'rejected' | 'reasons'>

/** Problem details of a kind that has no MillraceError: what HTTP itself refuses. */
export function problem(
  status: number,
  code: string,
  title: string,
  detail: string,
  members?: ProblemMembers,
): Problem {
  return { type: `urn:millrace:problem:${code}`, title, status, detail, code, ...members }
}

/**
 * Problem details of an error. What the client caused is told in full, with the facts `field`, `rejected` and `reasons`;
 * of everything else nothing but its kind. An error that is not a MillraceError is a 500.
 */
export function problemOf(error: unknown): Problem {
  const code: ErrorCode = isMillraceError(error) ? error.code : 'broken-invariant'
  const { status, title, told } = kinds[code]
  if (isMillraceError(error) && told === 'message') return problem(status, code, title, error.message, membersOf(error))
  return problem(status, status === 500 ? 'internal' : code, title, told === 'message' ? title : told)
}

function membersOf(error: MillraceError): ProblemMembers {
  const { field, rejected, reasons } = error.facts
  return {
    ...(typeof field === 'string' ? { field } : {}),
    ...(Array.isArray(rejected) ? { rejected } : {}),
    ...(Array.isArray(reasons) ? { reasons: reasons.map(String) } : {}),
  }
}

interface Kind {
  readonly status: number
  readonly title: string
  /** `message`: the error's own message is for the client; else what is told instead of it. */
  readonly told: string
}

function client(status: number, title: string): Kind {
  return { status, title, told: 'message' }
}

const internal: Kind = {
  status: 500,
  title: 'Internal error',
  told: 'Something failed inside the server. Its log has the cause under `instance`.',
}

const kinds: Readonly<Record<ErrorCode, Kind>> = {
  'invalid-input': client(400, 'Invalid input'),
  'unknown-interaction-type': client(400, 'Unknown interaction type'),
  'payload-too-large': client(413, 'Payload too large'),
  overloaded: client(503, 'Overloaded'),
  'not-found': client(404, 'Not found'),
  conflict: client(409, 'Conflict'),
  'log-went-back': internal,
  'log-truncated': internal,
  'log-full': { status: 507, title: 'Out of space', told: 'The log has no room left. Nothing was promised.' },
  'record-too-large': client(413, 'Record too large'),
  'record-unreadable': internal,
  'schema-unknown': internal,
  'store-failed': {
    status: 503,
    title: 'Store failed',
    told: 'A store did not answer. The same request may succeed later.',
  },
  'store-full': { status: 507, title: 'Out of space', told: 'A store has no room left. Nothing was promised.' },
  stopped: { status: 503, title: 'Stopping', told: 'This server is stopping. Send the request again.' },
  'folder-in-use': internal,
  'format-unsupported': internal,
  'model-refused': client(409, 'Model refused'),
  'model-unknown': client(404, 'Model unknown'),
  'training-impossible': client(409, 'Training impossible'),
  'time-split-impossible': client(400, 'Time split impossible'),
  'lease-lost': client(409, 'Lease lost'),
  'address-in-use': internal,
  'configuration-invalid': internal,
  'clock-skewed': internal,
  'tool-missing': internal,
  'server-failed': internal,
  unauthorized: client(401, 'Unauthorized'),
  'broken-invariant': internal,
}
