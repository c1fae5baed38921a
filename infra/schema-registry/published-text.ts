import type { AvroJson } from '#schemas/avro/schema.ts'

/**
 * A schema as other programs see it. Lists of words that may grow without a new version are left out: they would make
 * another schema, with another id, of what has the same bytes.
 */
export function publishedText(json: AvroJson): string {
  return JSON.stringify(json, (_, part: unknown) => (isWord(part) ? 'string' : part))
}

function isWord(part: unknown): boolean {
  return typeof part === 'object' && part !== null && 'logicalType' in part && part.logicalType === 'word'
}
