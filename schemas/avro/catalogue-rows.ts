import { item, itemV1, profile } from './catalogue.ts'
import { guard } from './guard.ts'
import { list, long, nullable, record, text } from './schema.ts'

const catalogueFields = {
  firstSeenAt: long,
  updatedAt: long,
  imports: list(record('CatalogueImport', { source: text, sequence: long })),
}

export const catalogueV1 = record('CatalogueRow', { ...guard, item: nullable(itemV1), ...catalogueFields })

export const catalogueV2 = record('CatalogueRow', { ...guard, item: nullable(item), ...catalogueFields })

export const profileRowsV1 = record('ProfileRow', { ...guard, profile: nullable(profile), updatedAt: long })
