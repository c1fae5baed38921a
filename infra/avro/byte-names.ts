import type { NumberedNames } from '#schemas/ports/interaction-scan.ts'
import { textAt } from './scan-steps.ts'

/** Names told apart by their bytes: a name met before is found without making a string of it. */
export interface ByteNames extends NumberedNames {
  /** The number of the name that lies in these bytes, as UTF-8; bytes that are none are read as Avro's strings are. */
  numberAt(bytes: Uint8Array, start: number, end: number): number
}

const fewest = 1_024
const encoder = new TextEncoder()

/** Open addressing over a hash of the bytes; the bytes of all names lie one after another. */
export function byteNames(): ByteNames {
  const names: string[] = []
  /** Number of a name plus 1, 0 where there is none; twice as many places as names at least. */
  let places = new Uint32Array(2 * fewest)
  let starts = new Uint32Array(fewest + 1)
  let hashes = new Int32Array(fewest)
  let kept = new Uint8Array(16 * fewest)

  function numberAt(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5
    let all = 0
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!
      all |= byte
      hash = Math.imul(hash ^ byte, 0x01000193)
    }
    // Two ways to spell a name in broken UTF-8 are one string, so only its own bytes can tell it.
    return all < 0x80 ? found(bytes, start, end, hash) : numberOf(textAt(bytes, start, end))
  }

  function numberOf(name: string): number {
    const bytes = encoder.encode(name)
    let hash = 0x811c9dc5
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
    return found(bytes, 0, bytes.length, hash)
  }

  function found(bytes: Uint8Array, start: number, end: number, hash: number): number {
    const mask = places.length - 1
    for (let place = mixed(hash) & mask; ; place = (place + 1) & mask) {
      const number = places[place]! - 1
      if (number === -1) return added(bytes, start, end, hash, place)
      if (hashes[number] === hash && isName(number, bytes, start, end)) return number
    }
  }

  function isName(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = starts[number]!
    const length = end - start
    if (starts[number + 1]! - from !== length) return false
    for (let i = 0; i < length; i++) if (kept[from + i] !== bytes[start + i]) return false
    return true
  }

  function added(bytes: Uint8Array, start: number, end: number, hash: number, place: number): number {
    const number = names.length
    if (number === hashes.length) {
      grow()
      return found(bytes, start, end, hash)
    }
    const from = starts[number]!
    const to = from + end - start
    if (to > kept.length) {
      const wider = new Uint8Array(Math.max(to, 2 * kept.length))
      wider.set(kept)
      kept = wider
    }
    for (let i = start; i < end; i++) kept[from + i - start] = bytes[i]!
    starts[number + 1] = to
    hashes[number] = hash
    places[place] = number + 1
    names.push(textAt(bytes, start, end))
    return number
  }

  function grow(): void {
    const room = 2 * hashes.length
    const [widerStarts, widerHashes] = [new Uint32Array(room + 1), new Int32Array(room)]
    widerStarts.set(starts)
    widerHashes.set(hashes)
    ;[starts, hashes, places] = [widerStarts, widerHashes, new Uint32Array(2 * room)]
    const mask = places.length - 1
    for (let number = 0; number < names.length; number++) {
      let place = mixed(hashes[number]!) & mask
      while (places[place] !== 0) place = (place + 1) & mask
      places[place] = number + 1
    }
  }

  return {
    get size() {
      return names.length
    },
    numberAt,
    numberOf,
    nameOf: (number) => names[number]!,
  }
}

/** FNV leaves its low bits poor. */
function mixed(hash: number): number {
  return hash ^ (hash >>> 15)
}
