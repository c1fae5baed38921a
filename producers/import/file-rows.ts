import { MillraceError } from '#schemas/errors.ts'
import type { DelimitedRecord } from './delimited-record.ts'
import type { RowFormat } from './import-plan.ts'
import { quotedRecords } from './quoted-records.ts'
import { textLines } from './text-lines.ts'

/** One row of a file, or why it is none. `line`, from 1, is the line it begins on: the sequence of its event. */
export type FileRow =
  | { readonly type: 'row'; readonly line: number; readonly raw: string; readonly get: (column: string) => unknown }
  | { readonly type: 'broken'; readonly line: number; readonly raw: string; readonly message: string }

/**
 * Rows of a file in file order, empty lines left out. Throws `invalid-input` when a column that is asked for is not
 * there, before the first row.
 */
export async function* fileRows(
  bytes: AsyncIterable<Uint8Array>,
  format: RowFormat,
  wanted: readonly string[],
): AsyncGenerator<FileRow> {
  switch (format.type) {
    case 'jsonl':
      yield* jsonRows(bytes)
      return
    case 'delimited':
      yield* delimitedRows(bytes, format, wanted)
  }
}

async function* jsonRows(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<FileRow> {
  for await (const { line, text: raw } of textLines(bytes)) {
    if (raw.trim() === '') continue
    const value = parseJson(raw)
    if (!isObject(value)) yield { type: 'broken', line, raw, message: 'the line is not a JSON object' }
    else yield { type: 'row', line, raw, get: (path) => valueAt(value, path) }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The property of this very name, else the one at the dotted path. */
function valueAt(value: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(value, path)) return value[path]
  const dot = path.indexOf('.')
  if (dot === -1) return undefined
  const inner = Object.hasOwn(value, path.slice(0, dot)) ? value[path.slice(0, dot)] : undefined
  return isObject(inner) ? valueAt(inner, path.slice(dot + 1)) : undefined
}

async function* delimitedRows(
  bytes: AsyncIterable<Uint8Array>,
  format: Extract<RowFormat, { type: 'delimited' }>,
  wanted: readonly string[],
): AsyncGenerator<FileRow> {
  const { delimiter, quote } = format
  const records = quote === null ? plainRecords(bytes, delimiter) : quotedRecords(bytes, delimiter, quote)
  let columns = format.names === null ? undefined : placesOf(format.names, wanted)
  let headerIsNext = format.header
  for await (const record of records) {
    if (headerIsNext) {
      headerIsNext = false
      if (record.type === 'broken') throw new MillraceError('invalid-input', `the header line: ${record.message}`)
      columns ??= placesOf(record.values, wanted)
      continue
    }
    yield record.type === 'broken' ? record : rowOf(record, columns!)
  }
}

function rowOf(record: Extract<DelimitedRecord, { type: 'record' }>, columns: ReadonlyMap<string, number>): FileRow {
  const { line, raw, values } = record
  if (values.length !== columns.size)
    return { type: 'broken', line, raw, message: `the line has ${values.length} columns, not ${columns.size}` }
  return {
    type: 'row',
    line,
    raw,
    get: (column) => {
      const place = columns.get(column)
      return place === undefined ? undefined : values[place]
    },
  }
}

function placesOf(names: readonly string[], wanted: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map(names.map((name, place) => [name.trim(), place] as const))
  if (places.size < names.length)
    throw new MillraceError('invalid-input', `two columns have the same name: ${names.join(', ')}`)
  for (const name of wanted)
    if (!places.has(name))
      throw new MillraceError('invalid-input', `--map: the file has no column '${name}'; it has ${names.join(', ')}`)
  return places
}

async function* plainRecords(bytes: AsyncIterable<Uint8Array>, delimiter: string): AsyncGenerator<DelimitedRecord> {
  for await (const { line, text } of textLines(bytes))
    if (text !== '') yield { type: 'record', line, raw: text, values: text.split(delimiter) }
}
