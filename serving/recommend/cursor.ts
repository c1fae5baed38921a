import { createHmac, timingSafeEqual } from 'node:crypto'
import { MillraceError } from '#schemas/errors.ts'

/** Everything the next page needs: a cursor survives restarts and switches of models. */
export interface CursorState {
  /** Empty for a guest. */
  readonly userId: string
  /** Of the page it was given with; empty without a model. */
  readonly generation: string
  readonly seed: number
  /** Of the first page. */
  readonly requestId: string
  /** 32-bit hashes of what was shown. A collision hides an item, it never repeats one. */
  readonly shown: readonly number[]
}

export const cursorLifeMs = 30 * 60_000

/** Pages end here: a longer cursor would not fit a URL. */
export const mostShown = 1_500

const macBytes = 32

/** base64url of HMAC-SHA256 ‖ length of the head (2 bytes) ‖ head as JSON ‖ hashes (4 bytes each), little-endian. */
export function encodeCursor(state: CursorState, key: string, now: number): string {
  const { shown, ...rest } = state
  const head = Buffer.from(JSON.stringify({ ...rest, expiresAt: now + cursorLifeMs }))
  const body = Buffer.alloc(2 + head.length + 4 * shown.length)
  body.writeUInt16LE(head.length)
  head.copy(body, 2)
  shown.forEach((hash, i) => body.writeUInt32LE(hash >>> 0, 2 + head.length + 4 * i))
  return Buffer.concat([macOf(body, key), body]).toString('base64url')
}

/** Throws `invalid-input` for a token that was not made with this key, has expired, or belongs to another user. */
export function decodeCursor(token: string, key: string, userId: string, now: number): CursorState {
  const bytes = Buffer.from(token, 'base64url')
  const body = bytes.subarray(macBytes)
  const isOurs = bytes.length > macBytes && timingSafeEqual(bytes.subarray(0, macBytes), macOf(body, key))
  if (!isOurs || bytes.toString('base64url') !== token) throw refused('is not one that this service gave out')
  const headEnd = 2 + body.readUInt16LE()
  // What carries our signature was written by encodeCursor.
  const head = JSON.parse(body.toString('utf8', 2, headEnd)) as Omit<CursorState, 'shown'> & { expiresAt: number }
  if (now >= head.expiresAt) throw refused('has expired: ask for the first page again')
  if (head.userId !== userId) throw refused('belongs to another user')
  const shown = Array.from({ length: (body.length - headEnd) / 4 }, (_, i) => body.readUInt32LE(headEnd + 4 * i))
  const { generation, seed, requestId } = head
  return { userId, generation, seed, requestId, shown }
}

function macOf(body: Uint8Array, key: string): Buffer {
  return createHmac('sha256', key).update(body).digest()
}

function refused(reason: string): MillraceError {
  return new MillraceError('invalid-input', `cursor ${reason}`, { facts: { field: 'cursor' } })
}
