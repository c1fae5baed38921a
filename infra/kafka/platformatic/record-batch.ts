import type { LogRecord } from '#schemas/ports/event-log.ts'
import type { KafkaCompression, KafkaRecord } from '../client.ts'
import { compressionsAlgorithms, compressionsAlgorithmsByBitmask, crc32c } from '@platformatic/kafka'
import { MillraceError } from '#schemas/errors.ts'
import { readSigned, signedSize, writeSigned } from './varint.ts'

/** Who sends a batch, for the broker to know it again: it appends a sequence of a producer once. */
export interface ProducerMark {
  readonly id: bigint
  readonly epoch: number
  readonly sequence: number
}

// Layout of a record batch, magic 2: https://kafka.apache.org/documentation/#recordbatch
const at = {
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  sequence: 53,
  count: 57,
  records: 61,
} as const

/** Bytes of a batch before its records. */
export const batchHeaderBytes = at.records

/** Bytes that a record takes at most beyond its key and value. */
export const recordOverheadBytes = 32

/** Records of one partition as the broker keeps them. */
export function encodeBatch(
  records: readonly KafkaRecord[],
  producer: ProducerMark,
  compression: KafkaCompression,
): Buffer {
  const plain = encodeRecords(records)
  const body = compression === 'none' ? plain : compressionsAlgorithms[compression].compressSync(plain)
  const batch = Buffer.allocUnsafe(at.records + body.length)
  batch.writeBigInt64BE(0n, 0)
  batch.writeInt32BE(batch.length - at.leaderEpoch, at.length)
  batch.writeInt32BE(-1, at.leaderEpoch)
  batch.writeInt8(2, at.magic)
  batch.writeInt16BE(compressionsAlgorithms[compression].bitmask, at.attributes)
  batch.writeInt32BE(records.length - 1, at.lastOffsetDelta)
  writeInt64(batch, records[0]!.timestamp, at.baseTimestamp)
  writeInt64(
    batch,
    records.reduce((most, { timestamp }) => Math.max(most, timestamp), 0),
    at.maxTimestamp,
  )
  batch.writeBigInt64BE(producer.id, at.producerId)
  batch.writeInt16BE(producer.epoch, at.producerEpoch)
  batch.writeInt32BE(producer.sequence, at.sequence)
  batch.writeInt32BE(records.length, at.count)
  body.copy(batch, at.records)
  batch.writeUInt32BE(crc32c(batch.subarray(at.attributes)), at.crc)
  return batch
}

function encodeRecords(records: readonly KafkaRecord[]): Buffer {
  const first = records[0]!.timestamp
  let most = 0
  for (const { key, value } of records) most += recordOverheadBytes + key.length * 3 + value.byteLength
  const bytes = Buffer.allocUnsafe(most)
  let end = 0
  for (const [i, { key, value, timestamp }] of records.entries()) {
    const keyBytes = Buffer.byteLength(key)
    const delta = timestamp - first
    const [deltaSize, indexSize] = [signedSize(delta), signedSize(i)]
    const length =
      2 + deltaSize + indexSize + signedSize(keyBytes) + keyBytes + signedSize(value.byteLength) + value.byteLength
    end = writeSigned(bytes, length, end)
    bytes[end++] = 0
    end = writeSigned(bytes, delta, end)
    end = writeSigned(bytes, i, end)
    end = writeSigned(bytes, keyBytes, end)
    end += bytes.write(key, end)
    end = writeSigned(bytes, value.byteLength, end)
    bytes.set(value, end)
    end += value.byteLength
    bytes[end++] = 0
  }
  return bytes.subarray(0, end)
}

function writeInt64(bytes: Buffer, value: number, offset: number): void {
  bytes.writeInt32BE(Math.floor(value / 0x1_0000_0000), offset)
  bytes.writeUInt32BE(value >>> 0, offset + 4)
}

function readInt64(bytes: Buffer, offset: number): number {
  return bytes.readInt32BE(offset) * 0x1_0000_0000 + bytes.readUInt32BE(offset + 4)
}

/** A batch of a fetched partition, its records not read yet. */
export interface FetchedBatch {
  readonly baseOffset: number
  /** Offset to go on from. */
  readonly next: number
  readonly leaderEpoch: number
  readonly producerId: bigint
  readonly isTransactional: boolean
  /** A mark of the broker's own that ends a transaction. */
  readonly isControl: boolean
  readonly bytes: Buffer
}

const attribute = { compression: 0x07, appendTime: 0x08, transactional: 0x10, control: 0x20 } as const

/** The whole batches of what a broker sent; it cuts the last one short when it reaches the bytes asked for. */
export function fetchedBatches(bytes: Buffer): FetchedBatch[] {
  const batches: FetchedBatch[] = []
  let from = 0
  while (bytes.length - from >= at.records) {
    const end = from + at.leaderEpoch + bytes.readInt32BE(from + at.length)
    if (end > bytes.length) break
    const batch = bytes.subarray(from, end)
    from = end
    const magic = batch.readInt8(at.magic)
    if (magic !== 2) throw damaged(`its format is ${magic}`, batch)
    const attributes = batch.readInt16BE(at.attributes)
    const baseOffset = readInt64(batch, 0)
    batches.push({
      baseOffset,
      next: baseOffset + batch.readInt32BE(at.lastOffsetDelta) + 1,
      leaderEpoch: batch.readInt32BE(at.leaderEpoch),
      producerId: batch.readBigInt64BE(at.producerId),
      isTransactional: (attributes & attribute.transactional) !== 0,
      isControl: (attributes & attribute.control) !== 0,
      bytes: batch,
    })
  }
  return batches
}

const utf8 = new TextDecoder()

/** Reads a batch after checking its bytes against their checksum. Throws `store-failed` (retriable: the bytes on the way were not those sent). */
export function recordsOf({ baseOffset, bytes }: FetchedBatch): LogRecord[] {
  if (crc32c(bytes.subarray(at.attributes)) !== bytes.readUInt32BE(at.crc)) throw damaged('its checksum differs', bytes)
  const attributes = bytes.readInt16BE(at.attributes)
  const baseTimestamp = readInt64(bytes, at.baseTimestamp)
  const appended = (attributes & attribute.appendTime) === 0 ? undefined : readInt64(bytes, at.maxTimestamp)
  const from = { bytes: decompressed(bytes.subarray(at.records), attributes & attribute.compression), at: 0 }
  const records: LogRecord[] = []
  for (let left = bytes.readInt32BE(at.count); left > 0; left--) {
    const length = readSigned(from)
    const end = from.at + length
    from.at += 1
    const timestamp = baseTimestamp + readSigned(from)
    const offset = baseOffset + readSigned(from)
    const keyBytes = Math.max(0, readSigned(from))
    const key = utf8.decode(from.bytes.subarray(from.at, from.at + keyBytes))
    from.at += keyBytes
    const valueBytes = Math.max(0, readSigned(from))
    const value = from.bytes.subarray(from.at, from.at + valueBytes)
    records.push({ offset, key, value, timestamp: appended ?? timestamp })
    from.at = end
  }
  return records
}

function decompressed(bytes: Buffer, bitmask: number): Buffer {
  if (bitmask === 0) return bytes
  const algorithm = compressionsAlgorithmsByBitmask[bitmask]
  if (algorithm === undefined) throw damaged(`nobody knows compression ${bitmask}`, bytes)
  return algorithm.decompressSync(bytes)
}

function damaged(why: string, bytes: Buffer): MillraceError {
  return new MillraceError('store-failed', `a batch from Kafka cannot be read: ${why}`, {
    retriable: true,
    facts: { bytes: bytes.length },
  })
}
