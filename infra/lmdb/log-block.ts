import type { AppendRecord, LogRecord } from '#schemas/ports/event-log.ts'

/**
 * A block is the value under one key of the log: records one after another, each
 * `offset - first: u32, timestamp: f64, key length: u16, value length: u32, key, value`, little endian, where `first` is the
 * offset in the block's own key. Retention may leave fewer records than there were, never others.
 */
const headBytes = 18
const [atTimestamp, atKeyLength, atValueLength] = [4, 12, 14]

/** Bytes a block has at most, unless one record alone is larger. */
export const blockBytes = 32_768

export const maxKeyBytes = 65_535

/** Records packed one after another with no offsets yet: a copy that outlives the caller's buffers. */
export function packRecords(records: readonly AppendRecord[], timestamp: number): Buffer[] {
  const sizes = records.map(({ key, value }) => headBytes + Buffer.byteLength(key) + value.byteLength)
  const bytes = Buffer.allocUnsafeSlow(sizes.reduce((sum, size) => sum + size, 0))
  let at = 0
  return records.map(({ key, value }, i) => {
    const packed = bytes.subarray(at, (at += sizes[i]!))
    packed.writeDoubleLE(timestamp, atTimestamp)
    const keyBytes = packed.write(key, headBytes, 'utf8')
    packed.writeUInt16LE(keyBytes, atKeyLength)
    packed.writeUInt32LE(value.byteLength, atValueLength)
    packed.set(value, headBytes + keyBytes)
    return packed
  })
}

export interface Block {
  /** Offset in its key. */
  readonly first: number
  readonly bytes: Buffer
}

/** Lays packed records into blocks, giving them the offsets from `first` on. */
export function layBlocks(packed: readonly Buffer[], first: number): Block[] {
  const blocks: Block[] = []
  for (let from = 0; from < packed.length;) {
    let to = from + 1
    let size = packed[from]!.length
    while (to < packed.length && size + packed[to]!.length <= blockBytes) size += packed[to++]!.length
    const bytes = Buffer.allocUnsafeSlow(size)
    let at = 0
    for (let i = from; i < to; i++) {
      bytes.set(packed[i]!, at)
      bytes.writeUInt32LE(i - from, at)
      at += packed[i]!.length
    }
    blocks.push({ first: first + from, bytes })
    from = to
  }
  return blocks
}

/** The records of a block at or after `from`, in order; their values are views of its bytes. Without `keys` these are empty. */
export function readBlock({ first, bytes }: Block, { from = 0, keys = true } = {}): LogRecord[] {
  const records: LogRecord[] = []
  for (let at = 0; at < bytes.length;) {
    const keyEnd = at + headBytes + bytes.readUInt16LE(at + atKeyLength)
    const end = keyEnd + bytes.readUInt32LE(at + atValueLength)
    const offset = first + bytes.readUInt32LE(at)
    if (offset >= from) {
      const key = keys ? bytes.toString('utf8', at + headBytes, keyEnd) : ''
      const value = new Uint8Array(bytes.buffer, bytes.byteOffset + keyEnd, end - keyEnd)
      records.push({ offset, key, value, timestamp: bytes.readDoubleLE(at + atTimestamp) })
    }
    at = end
  }
  return records
}

/** The block with only the records that are to be kept; undefined when none is, the block itself when all are. */
export function filterBlock(block: Block, keep: (record: LogRecord) => boolean): Block | undefined {
  const kept: Buffer[] = []
  const records = readBlock(block)
  let at = 0
  for (const record of records) {
    const end = record.value.byteOffset + record.value.byteLength - block.bytes.byteOffset
    if (keep(record)) kept.push(block.bytes.subarray(at, end))
    at = end
  }
  if (kept.length === records.length) return block
  return kept.length === 0 ? undefined : { first: block.first, bytes: Buffer.concat(kept) }
}
