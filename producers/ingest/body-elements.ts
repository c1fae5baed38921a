import { MillraceError } from '#schemas/errors.ts'
import type { RawElements } from './rejection.ts'

/** Media types of newline-delimited JSON. */
export const ndjsonTypes: readonly string[] = ['application/x-ndjson', 'application/ndjson', 'application/jsonl']

/**
 * The elements of a bulk body: those of an array, the one object, or the lines of NDJSON; a line that cannot be read is
 * an error in its place. Throws `invalid-input` when nothing can be read or there is none, `payload-too-large` over `maxElements`.
 */
export function bodyElements(body: Buffer, contentType: string | undefined, maxElements: number): RawElements {
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase()
  const elements = ndjsonTypes.includes(type) ? lines(body) : [bodyValue(body)].flat()
  if (elements.length === 0) throw invalidBody('holds nothing')
  if (elements.length > maxElements) {
    throw new MillraceError(
      'payload-too-large',
      `The body holds ${elements.length} elements, more than ${maxElements}.`,
    )
  }
  return elements
}

/** The JSON value of a body. Throws `invalid-input` when it is none. */
export function bodyValue(body: Buffer): unknown {
  const value = parse(body)
  if (value instanceof Error) throw invalidBody(body.length === 0 ? 'is empty' : `is not JSON: ${value.message}`, value)
  return value
}

function lines(body: Buffer): unknown[] {
  const elements: unknown[] = []
  for (let start = 0; start < body.length;) {
    const newline = body.indexOf(0x0a, start)
    const end = newline === -1 ? body.length : newline
    const line = body.subarray(start, end)
    if (!isBlank(line)) elements.push(parse(line))
    start = end + 1
  }
  return elements
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)
}

/** Bytes that are not UTF-8 are refused rather than replaced: two different ids could become one. */
function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function invalidBody(reason: string, cause?: unknown): MillraceError {
  return new MillraceError('invalid-input', `body: ${reason}`, { cause, facts: { field: 'body' } })
}
