// Signed integers as Kafka's records hold them: zigzag (0, -1, 1, -2, …), seven bits a byte, the lowest first.

const small = 0x3fff_ffff

/** Writes a safe integer; answers with the offset after it. */
export function writeSigned(bytes: Uint8Array, value: number, offset: number): number {
  let at = offset
  if (value >= -small && value <= small) {
    let left = ((value << 1) ^ (value >> 31)) >>> 0
    for (; left > 0x7f; left >>>= 7) bytes[at++] = (left & 0x7f) | 0x80
    bytes[at++] = left
    return at
  }
  let left = zigzag(value)
  for (; left > 0x7fn; left >>= 7n) bytes[at++] = Number(left & 0x7fn) | 0x80
  bytes[at++] = Number(left)
  return at
}

/** Bytes that {@link writeSigned} takes. */
export function signedSize(value: number): number {
  if (value >= -small && value <= small) {
    const bits = 32 - Math.clz32((value << 1) ^ (value >> 31))
    return bits === 0 ? 1 : Math.ceil(bits / 7)
  }
  let size = 1
  for (let left = zigzag(value); left > 0x7fn; left >>= 7n) size += 1
  return size
}

/** Where a read of several integers stands. */
export interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

/** Reads an integer of up to 53 bits and moves the cursor past it. */
export function readSigned(from: Cursor): number {
  const { bytes } = from
  let byte = bytes[from.at++]!
  let low = byte & 0x7f
  for (let shift = 7; byte > 0x7f; shift += 7) {
    if (shift === 28) return readLong(from, low)
    byte = bytes[from.at++]!
    low |= (byte & 0x7f) << shift
  }
  return (low >>> 1) ^ -(low & 1)
}

function readLong(from: Cursor, low: number): number {
  let value = BigInt(low)
  let byte = 0x80
  for (let shift = 28n; byte > 0x7f; shift += 7n) {
    byte = from.bytes[from.at++]!
    value |= BigInt(byte & 0x7f) << shift
  }
  return Number((value >> 1n) ^ -(value & 1n))
}

function zigzag(value: number): bigint {
  const exact = BigInt(value)
  return exact >= 0n ? exact << 1n : (-exact << 1n) - 1n
}
