import type { AttributeValue } from '../events/catalogue.ts'

/** Words and numbers of a text, in small letters. */
export function wordsOf(text: string): string[] {
  return normalised(text).match(/[\p{L}\p{N}]+/gu) ?? []
}

/** The same text for the same name, however it is written. */
export function normalised(text: string): string {
  return text.normalize('NFKC').toLowerCase().trim()
}

/** Strings and booleans as they are; a number falls into a bucket of two and one of three significant digits. */
export function attributeTerms([name, value]: readonly [string, AttributeValue]): string[] {
  if (typeof value === 'number') return [`${name}~${value.toPrecision(2)}`, `${name}~${value.toPrecision(3)}`]
  return [`${name}=${normalised(String(value))}`]
}
