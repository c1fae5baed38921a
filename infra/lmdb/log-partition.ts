import type { Table } from './environment.ts'
import type { Block } from './log-block.ts'
import { readBlock } from './log-block.ts'

const highestOffset = 2 ** 48 - 1

/** Key of a block: partition (u16) and offset of its first record (u48), big endian, so that keys sort as the records do. */
export function blockKey(partition: number, first: number): Buffer {
  const key = Buffer.allocUnsafe(8)
  key.writeUInt16BE(partition, 0)
  key.writeUIntBE(first, 2, 6)
  return key
}

/** Blocks of one partition in order, from the one that holds `offset`, or would. */
export function blocksFrom(table: Table, partition: number, offset: number): Iterable<Block> {
  return blocksBetween(table, partition, lastBlock(table, partition, offset)?.first ?? offset)
}

/** Blocks of one partition in order, from the one after the block that begins at `first`. */
export function blocksAfter(table: Table, partition: number, first: number): Iterable<Block> {
  return blocksBetween(table, partition, first + 1)
}

function* blocksBetween(table: Table, partition: number, first: number): Generator<Block, void, undefined> {
  const [start, end] = [blockKey(partition, first), blockKey(partition + 1, 0)]
  for (const { key, value } of table.getRange({ start, end })) yield { first: key.readUIntBE(2, 6), bytes: value }
}

/** The last block that begins at or before `offset`. */
export function lastBlock(table: Table, partition: number, offset = highestOffset): Block | undefined {
  // In reverse the end is the lower bound and is left out: one byte less than the first key comes before it.
  const end = blockKey(partition, 0).subarray(0, 7)
  const [found] = table.getRange({ start: blockKey(partition, offset), end, reverse: true, limit: 1 })
  return found === undefined ? undefined : { first: found.key.readUIntBE(2, 6), bytes: found.value }
}

/** Offset of the oldest record kept. */
export function firstOffset(table: Table, partition: number): number | undefined {
  for (const block of blocksFrom(table, partition, 0)) return readBlock(block)[0]?.offset
  return undefined
}

/** Where a partition stands, as its retention left it. */
export interface Mark {
  /** Offset the next record gets, at least: what was once given is never given again. */
  readonly end: number
  /** Records below this offset were removed by time. */
  readonly trimmedTo: number
}

export function writeMark({ end, trimmedTo }: Mark): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.writeDoubleBE(end, 0)
  bytes.writeDoubleBE(trimmedTo, 8)
  return bytes
}

export function readMark(bytes: Buffer | undefined): Mark {
  return bytes === undefined
    ? { end: 0, trimmedTo: 0 }
    : { end: bytes.readDoubleBE(0), trimmedTo: bytes.readDoubleBE(8) }
}
