import type { InPieces } from './in-pieces.ts'

const encoder = new TextEncoder()

/** The partition of a key, exactly as Java's Kafka client chooses it: murmur2 of the UTF-8 bytes, sign bit cleared. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(encoder.encode(key)) & 0x7fffffff) % partitions
}

/** MurmurHash2, 32 bit, seed 0x9747b28c, as `org.apache.kafka.common.utils.Utils.murmur2`. */
export function murmur2(bytes: Uint8Array): number {
  const words = bytes.length >>> 2
  return finished(mixed(seed ^ bytes.length, bytes, 0, words), bytes)
}

/** The same of many bytes, a piece at a time. */
export function* murmur2InPieces(bytes: Uint8Array): InPieces<number> {
  const words = bytes.length >>> 2
  let h = seed ^ bytes.length
  for (let from = 0; from < words; from += wordsOfPiece) {
    h = mixed(h, bytes, from, Math.min(words, from + wordsOfPiece))
    yield
  }
  return finished(h, bytes)
}

const seed = 0x9747b28c
const m = 0x5bd1e995

/** Some milliseconds of hashing at most. */
const wordsOfPiece = 1 << 18

function mixed(hash: number, bytes: Uint8Array, from: number, to: number): number {
  let h = hash
  for (let i = from; i < to; i++) {
    const at = i << 2
    let k = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    k = Math.imul(k, m)
    k ^= k >>> 24
    k = Math.imul(k, m)
    h = Math.imul(h, m) ^ k
  }
  return h
}

function finished(hash: number, bytes: Uint8Array): number {
  const tail = bytes.length & ~3
  const rest = bytes.length & 3
  let h = hash
  if (rest >= 3) h ^= bytes[tail + 2]! << 16
  if (rest >= 2) h ^= bytes[tail + 1]! << 8
  if (rest >= 1) h = Math.imul(h ^ bytes[tail]!, m)
  h = Math.imul(h ^ (h >>> 13), m)
  return h ^ (h >>> 15)
}
