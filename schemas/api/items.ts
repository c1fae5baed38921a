import { type Static, Type } from 'typebox'
import { Attributes } from './attributes.ts'
import { Absentable, Id, Label, Prose } from './text.ts'
import { Time } from './time.ts'

const attributes = Attributes({ keys: 256, keyBytes: 256, valueBytes: 4096 }, 'anything else that tells items apart')

const ImageUrl = Type.Refine(
  Type.String({ minLength: 1, maxLength: 2048, description: 'http, https, or a path relative to the page' }),
  (text) => typeof text === 'string' && isImageUrl(text),
  () => 'must be an http or https URL, or a relative path',
)

/** Of one embedding. */
const mostNumbers = 4_096

const described = {
  title: Label(1024),
  description: Absentable(Prose(65_536)),
  categories: Absentable(Type.Array(Label(256), { maxItems: 128 })),
  tags: Absentable(Type.Array(Label(256), { maxItems: 512 })),
  attributes: Absentable(attributes),
  price: Absentable(Type.Number({ minimum: 0 })),
  currency: Absentable(Type.String({ pattern: '^[A-Za-z]{3}$', description: 'ISO 4217' })),
  available: Absentable(Type.Boolean({ description: 'false keeps it out of every list; default true' })),
  publishedAt: Absentable(Time),
  imageUrl: Absentable(ImageUrl),
  embedding: Absentable(
    Type.Array(Type.Number(), {
      minItems: 1,
      maxItems: mostNumbers,
      description:
        "a vector of the app's own, of the length declared for its name in the configuration key `embeddings`",
    }),
  ),
  embeddingName: Absentable(
    Label(64, 'which of the declared embeddings it is; may be left out where there is one, or none'),
  ),
}

/** What a client sends as an item. */
export const ItemInput = Type.Object(described, {
  additionalProperties: false,
  description: 'An item of the catalogue; null is the same as absent',
})

export type ItemInput = Static<typeof ItemInput>

/** An item of a bulk upload: with its id, and with its place in an imported file. */
export const BulkItemInput = Type.Object(
  {
    id: Id,
    ...described,
    source: Absentable(Label(64, 'digest of an imported file and its mapping; needs `sequence`')),
    sequence: Absentable(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  },
  { additionalProperties: false, description: 'An item with its id; null is the same as absent' },
)

export type BulkItemInput = Static<typeof BulkItemInput>

/** An item as `GET /v1/items/{id}` answers it: what is absent is left out. */
export const CatalogueItem = Type.Object({
  id: Type.String(),
  title: Type.String(),
  description: Type.Optional(Type.String()),
  categories: Type.Array(Type.String()),
  tags: Type.Array(Type.String()),
  attributes,
  price: Type.Optional(Type.Number()),
  currency: Type.Optional(Type.String()),
  available: Type.Boolean(),
  publishedAt: Type.Optional(Type.Integer()),
  imageUrl: Type.Optional(Type.String()),
  embedding: Type.Optional(Type.Array(Type.Number())),
  embeddingName: Type.Optional(Type.String()),
})

export type CatalogueItem = Static<typeof CatalogueItem>

/** No other scheme, and no other host in disguise (`//host`, `\\host`): a page may show it as it is. */
function isImageUrl(text: string): boolean {
  if (text === '' || !text.isWellFormed()) return false
  const base = 'http://relative.invalid/'
  if (!URL.canParse(text, base)) return false
  const url = new URL(text, base)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return false
  return /^https?:\/\//i.test(text) || url.origin === new URL(base).origin
}
