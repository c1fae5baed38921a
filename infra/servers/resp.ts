import { MillraceError } from '#schemas/errors.ts'

/** A reply of Redis in RESP2. */
export type RedisReply = string | number | null | readonly RedisReply[]

/** Length of the reply that these bytes begin with, undefined while it is not whole. */
export function replyLength(bytes: Buffer): number | undefined {
  return parse(bytes, 0)?.end
}

/** Throws `server-failed` when Redis answered with an error. */
export function parseReply(bytes: Buffer): RedisReply {
  const parsed = parse(bytes, 0)
  if (parsed === undefined) throw new MillraceError('broken-invariant', 'a reply that is not whole')
  if (parsed.error !== undefined) throw new MillraceError('server-failed', `Redis says ${parsed.error}`)
  return parsed.reply
}

export function encodeCommand(words: readonly string[]): Buffer {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
  return Buffer.from(`*${words.length}\r\n${parts.join('')}`)
}

interface Parsed {
  readonly reply: RedisReply
  readonly error?: string
  readonly end: number
}

function parse(bytes: Buffer, from: number): Parsed | undefined {
  const lineEnd = bytes.indexOf('\r\n', from)
  if (lineEnd === -1) return undefined
  const line = bytes.toString('utf8', from + 1, lineEnd)
  const end = lineEnd + 2
  const type = bytes.toString('latin1', from, from + 1)
  if (type === '+') return { reply: line, end }
  if (type === '-') return { reply: null, error: line, end }
  if (type === ':') return { reply: Number(line), end }
  if (type === '$') return parseText(bytes, end, Number(line))
  if (type === '*') return parseList(bytes, end, Number(line))
  throw new MillraceError('server-failed', `no reply of Redis begins with ${JSON.stringify(type)}`)
}

function parseText(bytes: Buffer, from: number, length: number): Parsed | undefined {
  if (length === -1) return { reply: null, end: from }
  const end = from + length
  return bytes.length < end + 2 ? undefined : { reply: bytes.toString('utf8', from, end), end: end + 2 }
}

function parseList(bytes: Buffer, from: number, length: number): Parsed | undefined {
  const replies: RedisReply[] = []
  let end = from
  for (let i = 0; i < length; i++) {
    const parsed = parse(bytes, end)
    if (parsed === undefined) return undefined
    replies.push(parsed.reply)
    end = parsed.end
  }
  return { reply: replies, end }
}
