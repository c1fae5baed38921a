import type { RowWrite } from '#schemas/ports/state-store.ts'

/** A stored row begins with its guard: epoch and offset, each a double, big endian. */
export const guardBytes = 16

/** LMDB's limit on 4 kB pages. */
export const maxRowKeyBytes = 1_978

const suffixBytes = 5

/** UTF-8 of the key, a zero byte, and the part (u32, big endian): rows sort by key, then part, as no key has a zero byte. */
export function rowKey(key: string, part: number): Buffer {
  const size = Buffer.byteLength(key)
  const bytes = Buffer.allocUnsafe(size + suffixBytes)
  bytes.write(key, 0, 'utf8')
  bytes[size] = 0
  bytes.writeUInt32BE(part, size + 1)
  return bytes
}

export function readRowKey(bytes: Buffer): { readonly key: string; readonly part: number } {
  const size = bytes.length - suffixBytes
  return { key: bytes.toString('utf8', 0, size), part: bytes.readUInt32BE(size + 1) }
}

/** The range that holds every part of a key. */
export function partsOf(key: string): { start: Buffer; end: Buffer } {
  const start = rowKey(key, 0)
  const end = Buffer.concat([Buffer.from(key), Buffer.of(1)])
  return { start, end }
}

export function rowValue({ epoch, offset, bytes }: RowWrite): Buffer {
  const value = Buffer.allocUnsafe(guardBytes + bytes.byteLength)
  value.writeDoubleBE(epoch, 0)
  value.writeDoubleBE(offset, 8)
  value.set(bytes, guardBytes)
  return value
}

/** Whether stored row `a` is older than `b`. */
export function guardIsLower(a: Buffer, b: Buffer): boolean {
  const [epochA, epochB] = [a.readDoubleBE(0), b.readDoubleBE(0)]
  return epochA < epochB || (epochA === epochB && a.readDoubleBE(8) < b.readDoubleBE(8))
}
