import avro from 'avsc'
import { unreadable, unwritable, type Tap } from './tap.ts'

/** Strings as Avro writes them. */
export class TextType extends avro.types.StringType {
  _read(tap: Tap): string {
    const value = tap.readString()
    if (value === undefined) throw unreadable('a string runs past the end')
    return value
  }

  _write(tap: Tap, value: unknown): void {
    if (typeof value !== 'string') throw unwritable('not a string')
    tap.writeString(value)
  }
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
