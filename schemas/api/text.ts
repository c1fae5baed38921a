import { type TSchema, Type } from 'typebox'

/** Longest id, in bytes of UTF-8. */
export const maxIdBytes = 256

/** Why a string cannot be an id; undefined when it can. Unpaired surrogates have no bytes of their own, so two ids could become one. */
export function idFault(text: string): string | undefined {
  if (plainId.test(text)) return undefined
  return text.length === 0 ? 'must not be empty' : textFault(text, maxIdBytes)
}

/** Bytes of a string in UTF-8; an unpaired surrogate counts as the three bytes of its replacement. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else if (unit >= 0xd800 && unit < 0xdc00 && text.charCodeAt(i + 1) >> 10 === 0x37) {
      bytes += 2
      i++
    } else bytes += 2
  }
  return bytes
}

/** A user, item, event or session id in the API. */
export const Id = Type.Refine(
  Type.String({
    minLength: 1,
    maxLength: maxIdBytes,
    description: `1 to ${maxIdBytes} bytes of UTF-8 without control characters`,
  }),
  (text) => typeof text === 'string' && idFault(text) === undefined,
  (text) => (typeof text === 'string' ? idFault(text) : undefined) ?? 'must be string',
)

/** A string of at most so many bytes of UTF-8, without control characters. */
export function Label(maxBytes: number, description?: string) {
  return Type.Refine(
    Type.String({ minLength: 1, maxLength: maxBytes, ...(description === undefined ? {} : { description }) }),
    (text) => typeof text === 'string' && text.length > 0 && textFault(text, maxBytes) === undefined,
    (text) => (typeof text === 'string' ? textFault(text, maxBytes) : undefined) ?? 'must not be empty',
  )
}

/** A string of at most so many bytes of UTF-8, of any lines. */
export function Prose(maxBytes: number) {
  return Type.Refine(
    Type.String({ maxLength: maxBytes }),
    (text) => typeof text === 'string' && proseFault(text, maxBytes) === undefined,
    (text) => (typeof text === 'string' ? proseFault(text, maxBytes) : undefined) ?? 'must be string',
  )
}

/** An optional field: null says the same as its absence. */
export function Absentable<T extends TSchema>(schema: T) {
  return Type.Optional(Type.Union([schema, Type.Null()]))
}

/** Why a string is not text of one line within `maxBytes`; undefined when it is. */
export function textFault(text: string, maxBytes: number): string | undefined {
  return proseFault(text, maxBytes) ?? (controls.test(text) ? 'must not contain control characters' : undefined)
}

function proseFault(text: string, maxBytes: number): string | undefined {
  if (text.length > maxBytes || (text.length * 3 > maxBytes && utf8Length(text) > maxBytes)) {
    return `must be at most ${maxBytes} bytes long`
  }
  return text.isWellFormed() ? undefined : 'must be well-formed Unicode'
}

/** Most ids: told apart from the rest in one pass. */
const plainId = /^[\x20-\x7e]{1,256}$/

/** C0, DEL and C1. */
const controls = /\p{Cc}/u
