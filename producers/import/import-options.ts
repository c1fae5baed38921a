import { MillraceError } from '#schemas/errors.ts'
import {
  interactionFields,
  itemFields,
  ownColumns,
  requiredFields,
  type ImportKind,
  type ImportPlan,
  type RowFormat,
  type TimeUnit,
  type ValueRange,
} from './import-plan.ts'

/** The options of `millrace import` as they are typed. `map`, `list` and `capture` may be given several times. */
export interface ImportArguments {
  readonly as?: string | undefined
  readonly format?: string | undefined
  readonly delimiter?: string | undefined
  /** A quote character, or `none`. Default `"` for comma-separated files, `none` for other delimiters. */
  readonly quote?: string | undefined
  readonly header?: boolean | undefined
  readonly columns?: string | undefined
  readonly map?: string | readonly string[] | undefined
  readonly type?: string | undefined
  readonly scale?: string | undefined
  readonly timeUnit?: string | undefined
  readonly list?: string | readonly string[] | undefined
  readonly capture?: string | readonly string[] | undefined
}

/** Reads the options of an import of `files`. Throws `invalid-input` with a message that names the option at fault. */
export function parseImportOptions(given: ImportArguments, files: readonly string[]): ImportPlan {
  if (files.length === 0) throw wrong('FILE', 'at least one file is needed')
  const kind = oneOf('--as', given.as, ['interactions', 'items'] as const)
  const columns = parseColumns(given, kind)
  if (kind === 'interactions' && given.type === undefined && columns['type'] === undefined)
    throw wrong('--type', 'say which interactions these are, or where the type stands with --map type=COLUMN')
  if (kind === 'items' && given.type !== undefined) throw wrong('--type', 'items have no interaction type')
  return {
    kind,
    format: parseFormat(given, files),
    columns,
    needed:
      given.map === undefined
        ? requiredFields[kind].map((field) => columns[field]!)
        : [...new Set(Object.values(columns))].sort(),
    action: given.type ?? null,
    scale: given.scale === undefined ? null : parseScale(given.scale),
    timeUnit: parseTimeUnit(given.timeUnit),
    lists: parsePairs('--list', given.list, kind, listFields[kind]),
    captures: checkedCaptures(parsePairs('--capture', given.capture, kind, allFields(kind)), columns),
  }
}

const listFields: Readonly<Record<ImportKind, readonly string[]>> = {
  interactions: [],
  items: ['categories', 'tags'],
}

function allFields(kind: ImportKind): readonly string[] {
  return kind === 'interactions' ? interactionFields : [...itemFields, 'attributes.NAME']
}

function parseColumns(given: ImportArguments, kind: ImportKind): Readonly<Record<string, string>> {
  if (given.map === undefined) return ownColumns[kind]
  const columns = parsePairs('--map', given.map, kind, allFields(kind))
  for (const field of requiredFields[kind])
    if (columns[field] === undefined) throw wrong('--map', `${kind} need ${field}=COLUMN`)
  return columns
}

function parseFormat(given: ImportArguments, files: readonly string[]): RowFormat {
  const format =
    given.format === undefined ? formatOf(given, files) : oneOf('--format', given.format, ['csv', 'tsv', 'jsonl'])
  if (format === 'jsonl') {
    for (const name of ['delimiter', 'quote', 'header', 'columns'] as const)
      if (given[name] !== undefined && given[name] !== false) throw wrong(`--${name}`, 'JSON lines have none')
    return { type: 'jsonl' }
  }
  const delimiter = given.delimiter?.replaceAll('\\t', '\t') ?? (format === 'tsv' ? '\t' : ',')
  if (delimiter === '' || /[\r\n]/.test(delimiter))
    throw wrong('--delimiter', 'must be one or more characters of a line')
  const names = given.columns?.split(',').map((name) => name.trim()) ?? null
  if (names !== null && (names.includes('') || new Set(names).size < names.length))
    throw wrong('--columns', 'names must be distinct and not empty')
  const header = given.header ?? false
  if (!header && names === null) throw wrong('--header', 'say --header, or name the columns with --columns a,b,c')
  return { type: 'delimited', delimiter, quote: parseQuote(given.quote, delimiter), header, names }
}

/** A delimiter of one's own, as in `1::Heat (1995)::Crime`, means a file without quoting: a quote is part of a title. */
function parseQuote(given: string | undefined, delimiter: string): string | null {
  if (given === undefined) return delimiter === ',' || delimiter === ';' ? '"' : null
  if (given === 'none' || given === '') return null
  if (given.length !== 1) throw wrong('--quote', 'must be one character, or none')
  return given
}

function formatOf(given: ImportArguments, files: readonly string[]): 'csv' | 'tsv' | 'jsonl' {
  if (given.delimiter !== undefined) return 'csv'
  const formats = new Set(files.map((file) => formatByEnding.get(/\.([^.]+?)(?:\.gz)?$/i.exec(file)?.[1] ?? '')))
  const [format] = formats
  if (formats.size > 1 || format === undefined)
    throw wrong('--format', `cannot be told from the name of ${files.join(', ')}: say csv, tsv or jsonl`)
  return format
}

const formatByEnding: ReadonlyMap<string, 'csv' | 'tsv' | 'jsonl'> = new Map([
  ['csv', 'csv'],
  ['tsv', 'tsv'],
  ['jsonl', 'jsonl'],
  ['ndjson', 'jsonl'],
])

function parseScale(given: string): ValueRange {
  const match = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)$/.exec(given)
  const min = Number(match?.[1])
  const max = Number(match?.[2])
  if (match === null || min >= max) throw wrong('--scale', `'${given}' is no range like 1..5`)
  return { min, max }
}

function parseTimeUnit(given: string | undefined): TimeUnit {
  return given === undefined ? 'auto' : oneOf('--time-unit', given, ['s', 'ms', 'iso'])
}

/** Reads `a=x,b=y`. An item's own id may be called `item`, as in interactions. A comma begins a new pair only before `FIELD=`: separators and patterns may hold commas. */
function parsePairs(
  option: string,
  given: string | readonly string[] | undefined,
  kind: ImportKind,
  fields: readonly string[],
): Record<string, string> {
  const pairs: Record<string, string> = {}
  for (const text of given === undefined ? [] : typeof given === 'string' ? [given] : given) {
    for (const pair of text.split(/,(?=[\w.-]+=)/)) {
      const match = /^([^=]+)=(.+)$/s.exec(pair)
      if (match === null) throw wrong(option, `'${pair}' is not FIELD=VALUE`)
      const name = match[1]!.trim()
      const field = kind === 'items' && name === 'item' ? 'id' : name
      if (!isField(field, fields))
        throw wrong(option, `${kind} have no field '${field}' here; known: ${fields.join(', ') || 'none'}`)
      if (Object.hasOwn(pairs, field)) throw wrong(option, `${field} is given twice`)
      pairs[field] = match[2]!
    }
  }
  return pairs
}

function isField(field: string, fields: readonly string[]): boolean {
  return fields.includes(field) || (fields.includes('attributes.NAME') && /^attributes\../.test(field))
}

function checkedCaptures(
  captures: Record<string, string>,
  columns: Readonly<Record<string, string>>,
): Record<string, string> {
  for (const [field, pattern] of Object.entries(captures)) {
    if (columns[field] === undefined) throw wrong('--capture', `${field} is not in --map`)
    if (groupsIn(pattern) === 0) throw wrong('--capture', `the pattern of ${field} has no group to take`)
  }
  return captures
}

function groupsIn(pattern: string): number {
  try {
    return new RegExp(`${pattern}|`, 'u').exec('')!.length - 1
  } catch (error) {
    throw new MillraceError('invalid-input', `--capture: '${pattern}' is no regular expression`, { cause: error })
  }
}

function oneOf<T extends string>(option: string, given: string | undefined, known: readonly T[]): T {
  const found = known.find((name) => name === given)
  if (found === undefined)
    throw wrong(option, `${given === undefined ? 'is missing' : `'${given}' is unknown`}; known: ${known.join(', ')}`)
  return found
}

function wrong(option: string, message: string): MillraceError {
  return new MillraceError('invalid-input', `${option}: ${message}`, { facts: { option } })
}
