import { Compile } from 'typebox/compile'
import { BulkItemInput } from '#schemas/api/items.ts'
import type { AttributeValue } from '#schemas/events/catalogue.ts'
import type { FileRow } from './file-rows.ts'
import type { ImportPlan } from './import-plan.ts'
import type { ImportedItem, MappedRow } from './imported-events.ts'
import { brokenRow, refusedRow } from './refused-row.ts'
import { rowReader, type RowFields } from './row-fields.ts'

/**
 * Makes the mapping of rows to catalogue items by a plan, refusing what the ingest would refuse. Attributes of a delimited
 * file are text; those of JSON lines keep their type.
 */
export function itemMapping(
  plan: ImportPlan,
  { source }: { readonly source: string },
): (row: FileRow) => MappedRow<ImportedItem> {
  const read = rowReader(plan)
  const attributeFields = Object.keys(plan.columns).filter((field) => field.startsWith(attributePrefix))
  return (row) => {
    const { line, raw } = row
    if (row.type === 'broken') return brokenRow(row)
    const fields = read(row)
    const event: ImportedItem = {
      id: fields.id('id'),
      title: fields.text('title') ?? fields.refuse('title', 'is missing') ?? '',
      categories: fields.list('categories'),
      tags: fields.list('tags'),
      attributes: readAttributes(fields, attributeFields),
      ...readOptional(fields),
      source,
      sequence: line,
    }
    const [problem] = fields.problems
    if (problem !== undefined) return { type: 'rejected', line, raw, problem }
    return check.Check(event) ? { type: 'event', line, raw, event } : refusedRow(row, check, event)
  }
}

const check = Compile(BulkItemInput)

const attributePrefix = 'attributes.'

function readOptional(fields: RowFields): Partial<ImportedItem> {
  const description = fields.text('description')
  const price = fields.number('price')
  const currency = fields.text('currency')
  const available = fields.boolean('available')
  const publishedAt = fields.time('publishedAt')
  const imageUrl = fields.text('imageUrl')
  const embedding = readEmbedding(fields)
  const embeddingName = fields.text('embeddingName')
  return {
    ...(description === undefined ? {} : { description }),
    ...(price === undefined ? {} : { price }),
    ...(currency === undefined ? {} : { currency }),
    ...(available === undefined ? {} : { available }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    ...(imageUrl === undefined ? {} : { imageUrl }),
    ...(embedding === undefined ? {} : { embedding }),
    ...(embeddingName === undefined ? {} : { embeddingName }),
  }
}

function readAttributes(fields: RowFields, names: readonly string[]): Record<string, AttributeValue> {
  const whole = fields.raw('attributes') ?? {}
  const attributes: Record<string, AttributeValue> = {}
  if (typeof whole !== 'object' || Array.isArray(whole)) fields.refuse('attributes', 'is not a JSON object')
  else for (const [name, value] of Object.entries(whole)) put(name, value)
  for (const field of names) {
    const value = fields.raw(field)
    put(field.slice(attributePrefix.length), typeof value === 'string' ? fields.text(field) : value)
  }
  return attributes

  function put(name: string, value: unknown): void {
    if (value === undefined || value === null) return
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') attributes[name] = value
    else fields.refuse(`${attributePrefix}${name}`, 'is neither text nor a number nor a boolean')
  }
}

function readEmbedding(fields: RowFields): readonly number[] | undefined {
  const value = fields.raw('embedding')
  if (value === undefined) return undefined
  const elements: readonly unknown[] = Array.isArray(value) ? value : ['']
  return elements.every((element) => typeof element === 'number')
    ? elements
    : fields.refuse('embedding', 'is not a list of numbers')
}
