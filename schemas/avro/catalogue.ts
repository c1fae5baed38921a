import {
  boolean,
  dictionary,
  double,
  eitherOf,
  list,
  long,
  nullable,
  oneOf,
  record,
  scalar,
  since,
  text,
} from './schema.ts'

const itemFieldsV1 = {
  title: text,
  description: nullable(text),
  categories: list(text),
  tags: list(text),
  attributes: dictionary(scalar),
  price: nullable(double),
  currency: nullable(text),
  available: boolean,
  publishedAt: nullable(long),
  imageUrl: nullable(text),
  embedding: nullable(list(double)),
}

/** Before embeddings had names. */
export const itemV1 = record('Item', itemFieldsV1)

export const item = record('Item', { ...itemFieldsV1, embeddingName: since(nullable(text), null) })

export const profile = record('Profile', { attributes: dictionary(scalar), interests: list(text) })

const itemEnvelope = {
  id: text,
  itemId: text,
  occurredAt: long,
  acceptedAt: long,
  source: nullable(text),
  sequence: nullable(long),
}

const profileEnvelope = { id: text, userId: text, occurredAt: long, acceptedAt: long }

const itemDelete = record('ItemDelete', { type: oneOf('ItemDeleteType', ['delete']), ...itemEnvelope })

export const itemsV1 = eitherOf(
  record('ItemUpsert', { type: oneOf('ItemUpsertType', ['upsert']), ...itemEnvelope, item: itemV1 }),
  itemDelete,
)

export const itemsV2 = eitherOf(
  record('ItemUpsert', { type: oneOf('ItemUpsertType', ['upsert']), ...itemEnvelope, item }),
  itemDelete,
)

export const profilesV1 = eitherOf(
  record('ProfileUpsert', { type: oneOf('ProfileUpsertType', ['upsert']), ...profileEnvelope, profile }),
  record('ProfileDelete', { type: oneOf('ProfileDeleteType', ['delete']), ...profileEnvelope }),
)
