import { MillraceError } from '#schemas/errors.ts'

export interface TextLine {
  /** Counted from 1. */
  readonly line: number
  readonly text: string
}

/** Characters of the longest line read: beyond it the file is not what the options say. */
export const longestLine = 1 << 24

/**
 * Lines of UTF-8 text without their ends (LF or CRLF) and without a byte order mark. Only these end a line: JSON strings
 * may hold U+2028 and the like. Throws `invalid-input` for a line longer than {@link longestLine}.
 */
export async function* textLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<TextLine> {
  const decoder = new TextDecoder()
  let line = 0
  let rest = ''
  for await (const chunk of bytes) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) yield { line: ++line, text: withoutReturn(part) }
    if (rest.length > longestLine)
      throw new MillraceError('invalid-input', `line ${line + 1} is longer than ${longestLine} characters`)
  }
  rest += decoder.decode()
  if (rest !== '') yield { line: ++line, text: withoutReturn(rest) }
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text
}
