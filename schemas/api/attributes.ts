import { Type } from 'typebox'
import type { AttributeValue } from '../events/catalogue.ts'
import { textFault } from './text.ts'

export interface AttributeLimits {
  readonly keys: number
  readonly keyBytes: number
  readonly valueBytes: number
}

/** A flat map of short names to strings, finite numbers and booleans. */
export function Attributes(limits: AttributeLimits, description: string) {
  return Type.Refine(
    Type.Unsafe<Readonly<Record<string, AttributeValue>>>({
      type: 'object',
      additionalProperties: { type: ['string', 'number', 'boolean'] },
      maxProperties: limits.keys,
      description: `${description}: names of at most ${limits.keyBytes} bytes, strings of at most ${limits.valueBytes}`,
    }),
    (value) => attributesFault(value, limits) === undefined,
    (value) => attributesFault(value, limits) ?? 'must be object',
  )
}

function attributesFault(value: unknown, limits: AttributeLimits): string | undefined {
  if (typeof value !== 'object' || value === null) return 'must be object'
  const entries = Object.entries(value)
  if (entries.length > limits.keys) return `must have at most ${limits.keys} entries`
  for (const [key, member] of entries) {
    // An assignment to this name sets a prototype and loses the entry.
    if (key === '' || key === '__proto__' || textFault(key, limits.keyBytes) !== undefined) {
      return `must have names of 1 to ${limits.keyBytes} bytes without control characters`
    }
    if (typeof member === 'string' && textFault(member, limits.valueBytes) !== undefined) {
      return `must have text of at most ${limits.valueBytes} bytes without control characters`
    }
  }
  return undefined
}
