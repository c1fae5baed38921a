import { Readable } from 'node:stream'
import { type CsvError, parse } from 'csv-parse'
import { MillraceError } from '#schemas/errors.ts'
import type { DelimitedRecord } from './delimited-record.ts'
import { longestLine } from './text-lines.ts'

interface CsvRecord {
  readonly record: readonly string[]
  /** `bytes`: how many bytes of the file end with this record and its line end. */
  readonly info: { readonly bytes: number }
}

/**
 * Records of a delimited file with quoting (RFC 4180): a quoted field may hold delimiters, doubled quotes and line ends;
 * a quote within an unquoted field is text. A quote that never closes makes one broken record of the rest of the file.
 */
export async function* quotedRecords(
  bytes: AsyncIterable<Uint8Array>,
  delimiter: string,
  quote: string,
): AsyncGenerator<DelimitedRecord> {
  const text = passedText(bytes)
  const failures: CsvError[] = []
  const parser = parse({
    bom: true,
    delimiter,
    quote,
    escape: quote,
    record_delimiter: ['\n', '\r\n'],
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: longestLine,
    info: true,
    skip_records_with_error: true,
    on_skip: (error): undefined => {
      if (error !== undefined) failures.push(error)
    },
  })
  const records: AsyncIterable<CsvRecord> = Readable.from(text.pass(), { objectMode: true }).compose(parser)
  for await (const { record, info } of records) {
    refuseAllBut('CSV_QUOTE_NOT_CLOSED', failures)
    yield { type: 'record', ...text.takeTo(info.bytes), values: record }
  }
  refuseAllBut('CSV_QUOTE_NOT_CLOSED', failures)
  if (failures.length > 0)
    yield { type: 'broken', ...text.takeTo(Number.POSITIVE_INFINITY), message: 'a quote in it never closes' }
}

function refuseAllBut(code: CsvError['code'], failures: readonly CsvError[]): void {
  const failure = failures.find((each) => each.code !== code)
  if (failure !== undefined) throw new MillraceError('invalid-input', failure.message, { cause: failure })
}

/**
 * Passes bytes on and holds them until the record that they belong to is known: the parser's own line numbers and raw
 * texts are not to be trusted where a line end or a delimiter has more than one character.
 */
function passedText(bytes: AsyncIterable<Uint8Array>) {
  let held: Buffer = Buffer.alloc(0)
  let heldFrom = 0
  let linesBefore = 0
  return {
    async *pass(): AsyncGenerator<Uint8Array> {
      for await (const chunk of bytes) {
        held = Buffer.concat([held, chunk])
        yield chunk
      }
    },
    /** The text up to a byte of the file without the empty lines around it, and the line it begins on. */
    takeTo(end: number): { readonly line: number; readonly raw: string } {
      const taken = held.toString('utf8', 0, Math.min(held.length, end - heldFrom))
      held = held.subarray(Math.min(held.length, end - heldFrom))
      heldFrom = end
      const [empty = ''] = /^[\r\n]*/.exec(taken) ?? []
      const line = linesBefore + lineEnds(empty) + 1
      linesBefore += lineEnds(taken)
      return { line, raw: taken.slice(empty.length).replace(/\r?\n$/, '') }
    },
  }
}

function lineEnds(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count
}
