import { item, profile } from './catalogue.ts'
import { guard } from './guard.ts'
import { list, long, nullable, record, text } from './schema.ts'

export const catalogueV1 = record('CatalogueRow', {
  ...guard,
  item: nullable(item),
  firstSeenAt: long,
  updatedAt: long,
  imports: list(record('CatalogueImport', { source: text, sequence: long })),
})

export const profileRowsV1 = record('ProfileRow', { ...guard, profile: nullable(profile), updatedAt: long })
