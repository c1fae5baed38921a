import { Type } from 'typebox'

/** Longest id, in bytes of UTF-8. */
export const maxIdBytes = 256

/** Why a string cannot be an id; undefined when it can. Unpaired surrogates have no bytes of their own, so two ids could become one. */
export function idFault(text: string): string | undefined {
  if (text.length === 0) return 'must not be empty'
  if (text.length > maxIdBytes || (text.length * 3 > maxIdBytes && utf8Length(text) > maxIdBytes)) {
    return `must be at most ${maxIdBytes} bytes long`
  }
  if (controls.test(text)) return 'must not contain control characters'
  if (!text.isWellFormed()) return 'must be well-formed Unicode'
  return undefined
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
  (text) => idFault(text) === undefined,
  (text) => idFault(text) ?? 'must be an id',
)

/** C0, DEL and C1. */
const controls = /\p{Cc}/u
