import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** The text of a gzipped file. */
export function textOf(file: string): string {
  return gunzipSync(readFileSync(file)).toString().trimEnd()
}

/** Records of a file of comma-separated values without its header; a field in quotes may hold commas, quotes doubled. */
export function rowsOf(file: string): string[][] {
  return textOf(file)
    .split('\n')
    .slice(1)
    .map((line) => (line.includes('"') ? quotedFields(line) : line.split(',')))
}

function quotedFields(line: string): string[] {
  const fields = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)
  return Array.from(fields, ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')
}
