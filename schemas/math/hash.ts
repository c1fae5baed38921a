/**
 * A 53-bit hash of a string, the same on every engine: two multiply-xor lanes over its UTF-16 units, finished as in
 * MurmurHash3. Not for secrets. Two of 10,000 different strings agree with a probability of 6e-9.
 */
export function hash53(text: string, seed = 0): number {
  let a = 0xdeadbeef ^ seed
  let b = 0x41c6ce57 ^ seed
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 2654435761)
    b = Math.imul(b ^ unit, 1597334677)
  }
  return finished(a, b)
}

/** The same of the string whose UTF-8 lies in these bytes, if it is ASCII; undefined if it is not. */
export function hash53OfAscii(bytes: Uint8Array, start: number, end: number): number | undefined {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = start; i < end; i++) {
    const unit = bytes[i]!
    if (unit >= 0x80) return undefined
    a = Math.imul(a ^ unit, 2654435761)
    b = Math.imul(b ^ unit, 1597334677)
  }
  return finished(a, b)
}

function finished(a: number, b: number): number {
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return 4294967296 * (2097151 & b) + (a >>> 0)
}

/** A 32-bit hash of a string, for feature hashing and seeds. */
export function hash32(text: string, seed = 0): number {
  return hash53(text, seed) >>> 0
}
