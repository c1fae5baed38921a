import avro from 'avsc'
import { unreadable, unwritable, type Tap } from './tap.ts'

/** Strings as Avro writes them: a length, then UTF-8. Short ones in ASCII, nearly all of ours, take a way of their own. */
export class TextType extends avro.types.StringType {
  _read(tap: Tap): string {
    const first = tap.buf[tap.pos] ?? 0
    if (first <= 2 * longestKept && (first & 1) === 0 && tap.pos + first / 2 < tap.buf.length) {
      const start = tap.pos + 1
      tap.pos = start + first / 2
      return keptText(tap.buf, start, tap.pos)
    }
    const value = tap.readString()
    if (value === undefined) throw unreadable('a string runs past the end')
    return value
  }

  _write(tap: Tap, value: unknown): void {
    if (typeof value !== 'string') throw unwritable('not a string')
    if (!wroteAscii(tap, value)) tap.writeString(value)
  }
}

/** A string shorter than 64 is one byte of length and its codes, if they are all ASCII. */
function wroteAscii(tap: Tap, value: string): boolean {
  const { buf, pos } = tap
  const { length } = value
  if (length >= 64 || pos + length >= buf.length) return false
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i)
    if (code >= 0x80) return false
    buf[pos + 1 + i] = code
  }
  buf[pos] = 2 * length
  tap.pos = pos + 1 + length
  return true
}

/** Strings read lately, by a hash of their bytes: action names and short ids come again and again. */
const kept = Array.from({ length: 8_192 }, () => '')
const longestKept = 12

function keptText(bytes: Buffer, start: number, end: number): string {
  let hash = end - start
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  const place = (hash ^ (hash >>> 15)) & (kept.length - 1)
  const candidate = kept[place]!
  if (isText(candidate, bytes, start, end)) return candidate
  const value = bytes.toString('utf8', start, end)
  kept[place] = value
  return value
}

/** Only an ASCII string can be told by its bytes one for one; others are never found, and read anew. */
function isText(candidate: string, bytes: Buffer, start: number, end: number): boolean {
  if (candidate.length !== end - start) return false
  for (let i = 0; i < candidate.length; i++) {
    const byte = bytes[start + i]!
    if (byte >= 0x80 || candidate.charCodeAt(i) !== byte) return false
  }
  return true
}

/** A type of strings that admits only these words. */
export function wordType(words: readonly string[]): avro.Type {
  const known = new Set(words)
  return new (class WordType extends TextType {
    override _read(tap: Tap): string {
      const word = super._read(tap)
      if (!known.has(word)) throw unreadable(`unknown word ${word}`)
      return word
    }

    override _write(tap: Tap, value: unknown): void {
      if (typeof value !== 'string' || !known.has(value)) throw unwritable('not a known word')
      super._write(tap, value)
    }
  })()
}

/** An enum whose symbols stand for words with dashes. */
export class SymbolType extends avro.types.EnumType {
  _read(tap: Tap): string {
    const symbol = this.symbols[tap.readLong()]
    if (symbol === undefined) throw unreadable('unknown symbol')
    return wordOfSymbol(symbol)
  }

  _write(tap: Tap, value: unknown): void {
    const index = this.symbols.findIndex((symbol) => wordOfSymbol(symbol) === value)
    if (index === -1) throw unwritable(`not one of ${this.symbols.join(', ')}`)
    tap.writeLong(index)
  }
}

/** Avro allows no dashes in symbols, and our words have no underscores. */
export function wordOfSymbol(symbol: string): string {
  return symbol.includes('_') ? symbol.replaceAll('_', '-') : symbol
}
