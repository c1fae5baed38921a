import { type Static, Type } from 'typebox'

const Nullable = <T extends Parameters<typeof Type.Optional>[0]>(type: T) => Type.Union([type, Type.Null()])

/** What a page needs to show an item. */
export const CatalogueCard = Type.Object({
  itemId: Type.String(),
  title: Type.String(),
  description: Nullable(Type.String()),
  categories: Type.Array(Type.String()),
  tags: Type.Array(Type.String()),
  price: Nullable(Type.Number()),
  currency: Nullable(Type.String()),
  available: Type.Boolean(),
  publishedAt: Nullable(Type.Number()),
  imageUrl: Nullable(Type.String()),
})

export type CatalogueCard = Static<typeof CatalogueCard>

export const CatalogueQuery = Type.Object(
  {
    ids: Type.Union([Type.String({ minLength: 1, maxLength: 32_768 }), Type.Array(Type.String(), { maxItems: 100 })], {
      description: 'up to 100 item ids, comma-separated or repeated; unknown ones are left out of the answer',
    }),
  },
  { additionalProperties: false },
)

export const CatalogueAnswer = Type.Object({ items: Type.Array(CatalogueCard) })

export const CategoriesAnswer = Type.Object({
  categories: Type.Array(Type.Object({ category: Type.String(), items: Type.Integer() })),
})

export const UsersQuery = Type.Object(
  { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })) },
  { additionalProperties: false },
)

export const UsersAnswer = Type.Object({
  users: Type.Array(Type.Object({ userId: Type.String(), interactions: Type.Integer(), lastAt: Type.Integer() })),
})
