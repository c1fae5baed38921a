import type { InPieces } from '../in-pieces.ts'

/** Names as two sections of a blob: where each begins in the other, one more than there are names; and their UTF-8. */
export function nameSections(names: readonly string[]): readonly [starts: Uint32Array, text: Uint8Array] {
  const encoder = new TextEncoder()
  const encoded = names.map((name) => encoder.encode(name))
  const starts = new Uint32Array(names.length + 1)
  for (const [i, { length }] of encoded.entries()) starts[i + 1] = starts[i]! + length
  const text = new Uint8Array(starts.at(-1)!)
  for (const [i, bytes] of encoded.entries()) text.set(bytes, starts[i])
  return [starts, text]
}

/** Reads {@link nameSections}, a piece at a time; undefined where they do not fit together. */
export function* namesInSections(starts: Uint32Array, text: Uint8Array): InPieces<string[] | undefined> {
  if (starts.length === 0 || starts[0] !== 0 || starts.at(-1) !== text.length) return undefined
  for (let i = 1; i < starts.length; i++) if (starts[i]! < starts[i - 1]!) return undefined
  const names: string[] = []
  for (let first = 0; first + 1 < starts.length; first += namesOfPiece) {
    const last = Math.min(starts.length - 1, first + namesOfPiece)
    addNames(names, starts.subarray(first, last + 1), text)
    yield
  }
  return names
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Decodes the names between these starts. Decoding has its price by call, so where all is ASCII there is one. */
function addNames(names: string[], starts: Uint32Array, text: Uint8Array): void {
  const [from, to] = [starts[0]!, starts.at(-1)!]
  const all = decoder.decode(text.subarray(from, to))
  const isAscii = all.length === to - from
  for (let i = 0; i + 1 < starts.length; i++) {
    const [start, end] = [starts[i]!, starts[i + 1]!]
    names.push(isAscii ? all.slice(start - from, end - from) : decoder.decode(text.subarray(start, end)))
  }
}

/** What a header lists as names, checked a piece at a time; undefined where it is anything else. */
export function* namesInHeader(listed: unknown): InPieces<string[] | undefined> {
  if (!Array.isArray(listed)) return undefined
  const names: string[] = []
  for (const [i, name] of listed.entries()) {
    if (typeof name !== 'string') return undefined
    names.push(name)
    if (i % namesOfPiece === namesOfPiece - 1) yield
  }
  return names
}

/** A millisecond or so. */
const namesOfPiece = 1_024
