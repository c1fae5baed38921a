import type { AvroJson } from '#schemas/avro/schema.ts'

/** Where a scan stands in the bytes of one interaction, and what it has met there. */
export interface Cursor {
  bytes: Uint8Array
  at: number
  /** False once anything has been met that only the whole decoder can judge. */
  isPlain: boolean
  readonly id: Span
  readonly userId: Span
  readonly itemId: Span
  readonly action: Span
  /** `start` is -1 where there is none. */
  readonly source: Span
  /** From the first block of the map on; `start` is -1 where there is none. */
  readonly context: Span
  value: number
  occurredAt: number
  acceptedAt: number
  sequence: number | null
  mended: boolean
}

export interface Span {
  start: number
  end: number
}

/** Reads one field, or passes over it. Past the end of the bytes it reads zeros: whoever steps compares the ends. */
export type Step = (cursor: Cursor) => void

/** A step for each field of a version of the schema of an interaction, in its order. */
export function scanSteps(record: AvroJson): readonly Step[] {
  return fieldsOf(record).map(({ name, type }) => read[name] ?? passOver(type))
}

const read: Readonly<Record<string, Step>> = {
  id: (cursor) => readText(cursor, cursor.id),
  userId: (cursor) => readText(cursor, cursor.userId),
  itemId: (cursor) => readText(cursor, cursor.itemId),
  action: (cursor) => readText(cursor, cursor.action),
  occurredAt(cursor) {
    cursor.occurredAt = readLong(cursor)
  },
  acceptedAt(cursor) {
    cursor.acceptedAt = readLong(cursor)
  },
  value(cursor) {
    cursor.value = isThere(cursor) ? readDouble(cursor) : Number.NaN
  },
  source(cursor) {
    if (isThere(cursor)) readText(cursor, cursor.source)
    else cursor.source.start = -1
  },
  sequence(cursor) {
    cursor.sequence = isThere(cursor) ? readLong(cursor) : null
  },
  context(cursor) {
    const given = isThere(cursor)
    cursor.context.start = given ? cursor.at : -1
    if (given) passDictionary(cursor)
    cursor.context.end = cursor.at
  },
  mended(cursor) {
    cursor.mended = readBoolean(cursor)
  },
}

/** How a field that no history needs is passed over; what is not known here makes an event that is not plain. */
function passOver(type: AvroJson): Step {
  if (type === 'string') return passText
  if (type === 'long') return (cursor) => void readLong(cursor)
  if (type === 'boolean') return (cursor) => void readBoolean(cursor)
  if (Array.isArray(type) && type.length === 2 && type[0] === 'null') {
    const inner = passOver(type[1])
    return (cursor) => void (isThere(cursor) && inner(cursor))
  }
  if (isPart(type) && type.type === 'enum') {
    // The tag of the union's branch: one symbol, number 0.
    return (cursor) => void (readLong(cursor) === 0 || refuse(cursor))
  }
  if (isPart(type) && type.type === 'record') {
    const steps = fieldsOf(type).map((field) => passOver(field.type))
    return (cursor) => {
      for (const step of steps) step(cursor)
    }
  }
  return refuse
}

function refuse(cursor: Cursor): void {
  cursor.isPlain = false
}

/** Whether a union of null and something holds something. */
function isThere(cursor: Cursor): boolean {
  const branch = cursor.bytes[cursor.at++]
  if (branch !== 0 && branch !== 2) cursor.isPlain = false
  return branch === 2
}

function readText(cursor: Cursor, span: Span): void {
  const length = readLong(cursor)
  if (length < 0) cursor.isPlain = false
  span.start = cursor.at
  span.end = cursor.at += Math.max(0, length)
}

function passText(cursor: Cursor): void {
  const length = readLong(cursor)
  if (length < 0) cursor.isPlain = false
  cursor.at += Math.max(0, length)
}

function passDictionary(cursor: Cursor): void {
  for (let count = readLong(cursor); count !== 0; count = readLong(cursor)) {
    if (count < 0 || count > cursor.bytes.length - cursor.at) {
      cursor.isPlain = false
      return
    }
    for (let i = 0; i < count; i++) {
      passText(cursor)
      passText(cursor)
    }
  }
}

/** The entries of a dictionary that was passed over before. */
export function dictionaryAt({ bytes, context }: Cursor): Record<string, string> {
  const entries: [name: string, value: string][] = []
  const cursor: Pick<Cursor, 'bytes' | 'at' | 'isPlain'> = { bytes, at: context.start, isPlain: true }
  const text = () => {
    const length = readLong(cursor)
    const start = cursor.at
    cursor.at += length
    return textAt(bytes, start, cursor.at)
  }
  for (let count = readLong(cursor); count > 0; count = readLong(cursor)) {
    for (let i = 0; i < count; i++) entries.push([text(), text()])
  }
  return Object.fromEntries(entries)
}

export function textAt(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')
}

/** Bits of a varint's first four bytes, and what one unit above them counts once the sign bit is taken off. */
const lowBits = 28
const halfOfHigh = 2 ** (lowBits - 1)

/** A zigzag varint within the safe integers. */
function readLong(cursor: Pick<Cursor, 'bytes' | 'at' | 'isPlain'>): number {
  const { bytes } = cursor
  let byte = bytes[cursor.at++] ?? 0
  if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1)
  let low = byte & 0x7f
  let high = 0
  for (let shift = 7; byte >= 0x80; shift += 7) {
    byte = bytes[cursor.at++] ?? 0
    if (shift < lowBits) low |= (byte & 0x7f) << shift
    else if (shift < 2 * lowBits) high |= (byte & 0x7f) << (shift - lowBits)
    else {
      cursor.isPlain = false
      return 0
    }
  }
  const half = high * halfOfHigh + (low >>> 1)
  if (half > Number.MAX_SAFE_INTEGER) cursor.isPlain = false
  return (low & 1) === 0 ? half : -half - 1
}

const eight = new DataView(new ArrayBuffer(8))

function readDouble(cursor: Cursor): number {
  for (let i = 0; i < 8; i++) eight.setUint8(i, cursor.bytes[cursor.at++] ?? 0)
  const value = eight.getFloat64(0, true)
  if (!Number.isFinite(value)) cursor.isPlain = false
  return value
}

function readBoolean(cursor: Cursor): boolean {
  const byte = cursor.bytes[cursor.at++]
  if (byte !== 0 && byte !== 1) cursor.isPlain = false
  return byte === 1
}

interface Field {
  readonly name: string
  readonly type: AvroJson
}

interface Part {
  readonly type: string
  readonly fields?: readonly Field[]
}

function isPart(json: AvroJson): json is AvroJson & Part {
  return typeof json === 'object' && json !== null && 'type' in json && typeof json['type'] === 'string'
}

function fieldsOf(record: AvroJson): readonly Field[] {
  return isPart(record) ? (record.fields ?? []) : []
}
