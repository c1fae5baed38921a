import avro from 'avsc'
import { readLength, unreadable, unwritable, type Tap } from './tap.ts'

/** Avro bytes as a `Uint8Array` of their own. */
export class BytesType extends avro.types.BytesType {
  _read(tap: Tap): Uint8Array {
    const length = readLength(tap)
    const start = tap.pos
    tap.pos = start + length
    return new Uint8Array(tap.buf.subarray(start, tap.pos))
  }

  _write(tap: Tap, value: unknown): void {
    if (!(value instanceof Uint8Array)) throw unwritable('not bytes')
    writeRaw(tap, value)
  }
}

/** A `Float32Array` as Avro bytes, little-endian. */
export class FloatsType extends avro.types.BytesType {
  _read(tap: Tap): Float32Array {
    const length = readLength(tap)
    if (length % 4 !== 0) throw unreadable('not whole floats')
    const start = tap.pos
    tap.pos = start + length
    return new Float32Array(new Uint8Array(tap.buf.subarray(start, tap.pos)).buffer)
  }

  _write(tap: Tap, value: unknown): void {
    if (!(value instanceof Float32Array)) throw unwritable('not a Float32Array')
    writeRaw(tap, new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  }
}

function writeRaw(tap: Tap, bytes: Uint8Array): void {
  tap.writeLong(bytes.length)
  const start = tap.pos
  tap.pos += bytes.length
  if (tap.pos <= tap.buf.length) tap.buf.set(bytes, start)
}
