import { Type } from 'typebox'
import type { AttributeValue } from '../events/catalogue.ts'
import { textFault, utf8Length } from './text.ts'

export interface AttributeLimits {
  readonly keys: number
  readonly keyBytes: number
  readonly valueBytes: number
}

/** Names and strings of one map together: with all else that an item may have, it fits into a record of the log. */
const mostBytes = 524_288

/** A flat map of short names to strings, finite numbers and booleans. */
export function Attributes(limits: AttributeLimits, description: string) {
  return Type.Refine(
    Type.Unsafe<Readonly<Record<string, AttributeValue>>>({
      type: 'object',
      additionalProperties: { type: ['string', 'number', 'boolean'] },
      maxProperties: limits.keys,
      description: `${description}: names of at most ${limits.keyBytes} bytes, strings of at most ${limits.valueBytes}, ${mostBytes} in all`,
    }),
    (value) => attributesFault(value, limits) === undefined,
    (value) => attributesFault(value, limits) ?? 'must be object',
  )
}

function attributesFault(value: unknown, limits: AttributeLimits): string | undefined {
  if (typeof value !== 'object' || value === null) return 'must be object'
  const entries = Object.entries(value)
  if (entries.length > limits.keys) return `must have at most ${limits.keys} entries`
  let bytes = 0
  for (const [key, member] of entries) {
    // An assignment to this name sets a prototype and loses the entry.
    if (key === '__proto__') return 'has a name that must not be __proto__'
    const ofName = key === '' ? 'must not be empty' : textFault(key, limits.keyBytes)
    if (ofName !== undefined) return `has a name that ${ofName}`
    const ofValue = typeof member === 'string' ? textFault(member, limits.valueBytes) : undefined
    if (ofValue !== undefined) return `holds ${key}, which ${ofValue}`
    bytes += utf8Length(key) + (typeof member === 'string' ? utf8Length(member) : 0)
    if (bytes > mostBytes) return `must be at most ${mostBytes} bytes long in all`
  }
  return undefined
}
