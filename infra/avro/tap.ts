import { MillraceError } from '#schemas/errors.ts'

/** The cursor that avsc 5 hands to the types it reads and writes: what our own types need of it. */
export interface Tap {
  readonly buf: Buffer
  pos: number
  readLong(): number
  writeLong(value: number): void
  readString(): string | undefined
  writeString(value: string): void
}

/** The two methods every avsc type is driven by. They are not in its typings; `codec.test.ts` fails if they change. */
export interface TapType<Value = unknown> {
  _read(tap: Tap): Value
  _write(tap: Tap, value: unknown): void
}

/** Sees an avsc type or resolver as what drives it. */
export function tapType<Value = unknown>(type: object): TapType<Value> {
  return type as TapType<Value>
}

/** Bytes that are not what their schema says. */
export function unreadable(message: string): MillraceError {
  return new MillraceError('record-unreadable', message)
}

/** A value that its schema does not allow: a bug of the caller. */
export function unwritable(message: string): MillraceError {
  return new MillraceError('invalid-input', message)
}

/** The length of a string or a byte array that follows, which must lie within the bytes. */
export function readLength(tap: Tap): number {
  const length = tap.readLong()
  if (length < 0 || tap.pos + length > tap.buf.length) throw unreadable('a length runs past the end')
  return length
}

/** The next block of an array or map, 0 at its end. Each element takes a byte at least, so a count is bounded. */
export function readBlock(tap: Tap): number {
  let count = tap.readLong()
  if (count < 0) {
    count = -count
    tap.readLong()
  }
  if (count > tap.buf.length - tap.pos) throw unreadable('a count runs past the end')
  return count
}
