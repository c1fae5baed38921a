import avro from 'avsc'
import { unreadable, unwritable, type Tap } from './tap.ts'

/**
 * Longs within the safe integers, zigzag varints as Avro writes them. avsc's own lose precision below -2^52, since
 * they double the number; these work on its two halves, in integers.
 */
export class LongType extends avro.types.LongType {
  _read(tap: Tap): number {
    const { buf } = tap
    let { pos } = tap
    let byte = buf[pos++] ?? 0
    let low = byte & 0x7f
    let high = 0
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = buf[pos++] ?? 0
      if (shift < lowBits) low |= (byte & 0x7f) << shift
      else if (shift < 2 * lowBits) high |= (byte & 0x7f) << (shift - lowBits)
      else throw unreadable('a long is too long')
    }
    tap.pos = pos
    const half = high * halfOfHigh + (low >>> 1)
    if (half > Number.MAX_SAFE_INTEGER) throw unreadable('a long is not a safe integer')
    return (low & 1) === 0 ? half : -half - 1
  }

  _write(tap: Tap, value: unknown): void {
    if (!Number.isSafeInteger(value) || typeof value !== 'number') throw unwritable('not a safe integer')
    const { buf } = tap
    let { pos } = tap
    let low = (value << 1) ^ (value >> 31)
    if (value >= halfOfHigh || value < -halfOfHigh) {
      const half = value < 0 ? -value - 1 : value
      low = ((half % halfOfHigh) << 1) | (value < 0 ? 1 : 0)
      const high = Math.floor(half / halfOfHigh)
      for (let i = 0; i < 4; i++) {
        buf[pos++] = (low & 0x7f) | 0x80
        low >>>= 7
      }
      low = high
    }
    while (low >= 0x80) {
      buf[pos++] = (low & 0x7f) | 0x80
      low >>>= 7
    }
    buf[pos++] = low
    tap.pos = pos
  }
}

/** Bits of a varint's first four bytes, and what one unit above them counts once the sign bit is taken off. */
const lowBits = 28
const halfOfHigh = 2 ** (lowBits - 1)
