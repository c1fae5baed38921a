import { MillraceError } from '../errors.ts'

/** Frames as one blob, each behind its length: 32 bits, little-endian, then 4 bytes of zero. */
export function joinFrames(frames: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(frames.reduce((sum, { length }) => sum + prefixBytes + length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const frame of frames) {
    view.setUint32(at, frame.length, true)
    bytes.set(frame, at + prefixBytes)
    at += prefixBytes + frame.length
  }
  return bytes
}

/** The frames of {@link joinFrames}, as views. Throws `record-unreadable` when the segment is cut. */
export function* framesIn(segment: Uint8Array): Iterable<Uint8Array> {
  const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength)
  for (let at = 0; at < segment.length;) {
    const start = at + prefixBytes
    const end = start > segment.length ? Infinity : start + view.getUint32(at, true)
    if (end > segment.length) throw new MillraceError('record-unreadable', 'A segment of a base is cut')
    yield segment.subarray(start, end)
    at = end
  }
}

const prefixBytes = 8
