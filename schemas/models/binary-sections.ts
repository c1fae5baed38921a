import { MillraceError } from '../errors.ts'
import { atOnce, type InPieces } from '../in-pieces.ts'
import { murmur2InPieces } from '../partition.ts'

/**
 * A header and typed arrays as one blob. Layout, little-endian: 8 bytes of kind; format version, murmur2 of everything
 * from byte 16 on, number of sections, bytes of the header (32 bits each); byte length of each section (64 bits
 * each); the header as JSON; the sections. Every part begins at a multiple of 8.
 */
export function encodeSections(kind: BlobKind, header: object, sections: readonly ArrayBufferView[]): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header))
  const headerStart = prefixBytes + 8 * sections.length
  const length = sections.reduce((sum, { byteLength }) => sum + padded(byteLength), headerStart + padded(json.length))
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  bytes.set(new TextEncoder().encode(kind))
  view.setUint32(8, formatVersion, true)
  view.setUint32(16, sections.length, true)
  view.setUint32(20, json.length, true)
  bytes.set(json, headerStart)
  let at = headerStart + padded(json.length)
  for (const [i, section] of sections.entries()) {
    view.setBigUint64(prefixBytes + 8 * i, BigInt(section.byteLength), true)
    bytes.set(new Uint8Array(section.buffer, section.byteOffset, section.byteLength), at)
    at += padded(section.byteLength)
  }
  view.setUint32(12, atOnce(checksum(bytes)), true)
  return bytes
}

/** What blobs hold, in 8 bytes. */
export type BlobKind =
  | 'mr-model'
  | 'mr-lists'
  | 'mr-ranks'
  | 'mr-coder'
  | 'mr-ibase'
  | 'mr-itids'
  | 'mr-items'
  | 'mr-ivecs'
  | 'mr-graph'

export interface DecodedSections {
  /** Parsed JSON, not yet checked. */
  readonly header: unknown
  /** Each begins at a multiple of 8 of one buffer. */
  readonly sections: readonly Uint8Array<ArrayBuffer>[]
}

/**
 * Reads what {@link encodeSections} wrote, of as many sections as one of `sectionCounts`. Throws `format-unsupported` for a version it does
 * not know, `record-unreadable` for anything else that it did not write: cut, changed, of another kind.
 */
export function decodeSections(
  kind: BlobKind,
  bytes: Uint8Array,
  sectionCounts: number | readonly number[],
): DecodedSections {
  return atOnce(decodingSections(kind, bytes, sectionCounts))
}

/** The same, a piece at a time; with `inPlace` the sections may be views of the bytes, which then nobody may change. */
export function* decodingSections(
  kind: BlobKind,
  bytes: Uint8Array,
  sectionCounts: number | readonly number[],
  { inPlace = false } = {},
): InPieces<DecodedSections> {
  if (bytes.length < prefixBytes || new TextDecoder().decode(bytes.subarray(0, 8)) !== kind) throw unreadable(kind)
  const own = (inPlace ? alignedView(bytes) : undefined) ?? (yield* copied(bytes))
  const view = new DataView(own.buffer, own.byteOffset, own.byteLength)
  const sectionCount = view.getUint32(16, true)
  const headerStart = prefixBytes + 8 * sectionCount
  const version = view.getUint32(8, true)
  if (version !== formatVersion) {
    throw new MillraceError('format-unsupported', `${kind} of an unknown format version`, { facts: { version } })
  }
  if (view.getUint32(12, true) !== (yield* checksum(own)) || ![sectionCounts].flat().includes(sectionCount)) {
    throw unreadable(kind)
  }
  const jsonLength = view.getUint32(20, true)
  let at = headerStart + padded(jsonLength)
  const sections = Array.from({ length: sectionCount }, (_, i) => {
    const length = Number(view.getBigUint64(prefixBytes + 8 * i, true))
    if (at + length > own.length) throw unreadable(kind)
    const section = own.subarray(at, at + length)
    at += padded(length)
    return section
  })
  if (at !== own.length) throw unreadable(kind)
  return { header: parsed(kind, own.subarray(headerStart, headerStart + jsonLength)), sections }
}

export function unreadable(kind: BlobKind, cause?: unknown): MillraceError {
  return new MillraceError('record-unreadable', `The bytes are not a whole ${kind} blob`, { cause, facts: { kind } })
}

const formatVersion = 1
const prefixBytes = 24

function padded(length: number): number {
  return Math.ceil(length / 8) * 8
}

function* checksum(bytes: Uint8Array): InPieces<number> {
  return (yield* murmur2InPieces(bytes.subarray(16))) >>> 0
}

/** The bytes themselves where numbers can be read in place. */
function alignedView({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  return buffer instanceof ArrayBuffer && byteOffset % 8 === 0
    ? new Uint8Array(buffer, byteOffset, byteLength)
    : undefined
}

/** Some milliseconds of copying into memory that was never touched. */
const bytesOfPiece = 1 << 22

function* copied(bytes: Uint8Array): InPieces<Uint8Array<ArrayBuffer>> {
  const own = new Uint8Array(bytes.length)
  for (let at = 0; at < bytes.length; at += bytesOfPiece) {
    own.set(bytes.subarray(at, at + bytesOfPiece), at)
    yield
  }
  return own
}

function parsed(kind: BlobKind, json: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json))
  } catch (cause) {
    throw unreadable(kind, cause)
  }
}
