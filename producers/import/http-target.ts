import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { MillraceError } from '#schemas/errors.ts'
import type { BatchAnswer, ImportTarget, SendBatch } from './send-batch.ts'

export interface HttpTargetOptions {
  /** Base address of a Millrace, as `http://127.0.0.1:8080`. */
  readonly url: string
  /** Sent as a bearer token. */
  readonly apiKey?: string | undefined
  readonly fetch?: typeof fetch
}

/** Sends batches to another process as NDJSON. */
export function httpTarget(options: HttpTargetOptions): ImportTarget {
  return { interactions: httpSend('/v1/interactions', options), items: httpSend('/v1/items', options) }
}

/** Errors: `overloaded` (retriable) when the server cannot be reached or says so, `unauthorized`, `invalid-input` for any other answer. */
function httpSend(path: string, { url, apiKey, fetch: request = fetch }: HttpTargetOptions): SendBatch<object> {
  const address = `${url.replace(/\/+$/, '')}${path}`
  const headers: Record<string, string> = { 'content-type': 'application/x-ndjson', accept: 'application/json' }
  if (apiKey !== undefined) headers['authorization'] = `Bearer ${apiKey}`
  return async function send(events): Promise<BatchAnswer> {
    const body = events.map((event) => `${JSON.stringify(event)}\n`).join('')
    const { response, answer } = await reached(address, () => request(address, { method: 'POST', headers, body }))
    if (response.status === 202 && Value.Check(Accepted, answer)) return answer
    if (response.status === 400 && Value.Check(Refused, answer))
      return { accepted: 0, duplicates: 0, rejected: answer.rejected }
    if (response.status === 413) return tooLarge(events, send)
    throw refusal(address, response)
  }
}

async function reached(
  address: string,
  request: () => Promise<Response>,
): Promise<{ response: Response; answer: unknown }> {
  try {
    const response = await request()
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return { response, answer: isJson ? JSON.parse(text) : undefined }
  } catch (error) {
    throw new MillraceError('overloaded', `${address} cannot be reached`, { retriable: true, cause: error })
  }
}

/** Halves a batch that is too large for one request; the second half goes out after the first was answered. */
async function tooLarge(events: readonly object[], send: SendBatch<object>): Promise<BatchAnswer> {
  if (events.length === 1) {
    const rejected = [{ index: 0, code: 'payload-too-large', message: 'the event alone is too large for one request' }]
    return { accepted: 0, duplicates: 0, rejected }
  }
  const middle = events.length >> 1
  const first = await send(events.slice(0, middle))
  const second = await send(events.slice(middle))
  return {
    accepted: first.accepted + second.accepted,
    duplicates: first.duplicates + second.duplicates,
    rejected: [
      ...first.rejected,
      ...second.rejected.map((rejected) => ({ ...rejected, index: rejected.index + middle })),
    ],
  }
}

function refusal(address: string, response: Response): MillraceError {
  const { status } = response
  const facts = { status, retryAfterMs: Number(response.headers.get('retry-after') ?? 0) * 1_000 }
  if (status === 429 || status >= 500)
    return new MillraceError('overloaded', `${address} answered ${status}`, { retriable: true, facts })
  if (status === 401 || status === 403)
    return new MillraceError('unauthorized', `${address} wants an API key`, { facts })
  return new MillraceError('invalid-input', `${address} answered ${status}: it is no Millrace of this version`, {
    facts,
  })
}

const Rejected = Type.Array(
  Type.Object({
    index: Type.Integer({ minimum: 0 }),
    code: Type.String(),
    field: Type.Optional(Type.String()),
    message: Type.String(),
  }),
)

const Accepted = Type.Object({ accepted: Type.Integer(), duplicates: Type.Integer(), rejected: Rejected })

const Refused = Type.Object({ rejected: Rejected })
