import { type Static, Type } from 'typebox'
import { Id } from './text.ts'

const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'items in the answer' }))
const Category = Type.Optional(
  Type.String({ minLength: 1, maxLength: 256, description: 'only items of this category' }),
)
const Cursor = Type.Optional(
  Type.String({ minLength: 1, maxLength: 16_384, description: '`nextCursor` of a page before' }),
)
const After = Type.Optional(
  Type.String({ minLength: 1, maxLength: 16_384, description: '`position` of a 202 that the answer is to reflect' }),
)

export const RecommendedItem = Type.Object({
  itemId: Type.String(),
  score: Type.Number({ description: 'the sum of `features`' }),
  confidence: Type.Number({ description: 'how much is known, 0 to 1; not a probability' }),
  explanation: Type.String(),
  because: Type.Array(Type.Object({ itemId: Type.String(), contribution: Type.Number() }), {
    description: 'past items with the largest signed contributions to `features.factorScore`',
  }),
  features: Type.Record(Type.String(), Type.Number(), {
    description: 'the addends of the score; those of 0 are left out',
  }),
  source: Type.String({ description: 'where the item came from' }),
  position: Type.Integer({ minimum: 0, description: 'place in this answer, from 0: what `attribution` takes' }),
})

export const RecommendationAnswer = Type.Object({
  items: Type.Array(RecommendedItem),
  requestId: Type.String(),
  modelVersion: Type.Union([Type.String(), Type.Null()]),
  generation: Type.Union([Type.String(), Type.Null()]),
  variant: Type.String(),
  degraded: Type.Array(Type.String(), { description: 'what the answer could not be made of; empty when it is whole' }),
  nextCursor: Type.Union([Type.String(), Type.Null()]),
})

export type RecommendedItem = Static<typeof RecommendedItem>
export type RecommendationAnswer = Static<typeof RecommendationAnswer>

export const UserPath = Type.Object({ id: Id })

/** Context of a request. It is recorded nowhere; device and location tell users without a history apart. */
const context = {
  device: Type.Optional(
    Type.String({ maxLength: 256, description: 'as in the `context` of interactions; for users without a history' }),
  ),
  location: Type.Optional(
    Type.String({ maxLength: 256, description: 'as in the `context` of interactions; for users without a history' }),
  ),
  session: Type.Optional(Type.String({ maxLength: 256 })),
}

/** A misspelt parameter is refused: it would be a filter that does not filter. */
const closed = { additionalProperties: false }

export const RecommendationQuery = Type.Object(
  {
    limit: Limit,
    category: Category,
    exclude: Type.Optional(
      Type.Union([Type.String({ maxLength: 65_536 }), Type.Array(Type.String(), { maxItems: 1_000 })], {
        description: 'ids of items to leave out, comma-separated or repeated',
      }),
    ),
    cursor: Cursor,
    after: After,
    ...context,
  },
  closed,
)

export const RecentInteraction = Type.Object(
  { itemId: Id, type: Type.String({ minLength: 1, maxLength: 64 }), value: Type.Optional(Type.Number()) },
  { additionalProperties: false },
)

export const RecommendationBody = Type.Object(
  {
    userId: Type.Optional(Id),
    limit: Limit,
    category: Category,
    exclude: Type.Optional(Type.Array(Id, { maxItems: 1_000 })),
    items: Type.Optional(Type.Array(Id, { maxItems: 10_000, description: 'only these may be recommended' })),
    recent: Type.Optional(
      Type.Array(RecentInteraction, {
        maxItems: 200,
        description: 'what a guest did, or what is not on the log yet; oldest first',
      }),
    ),
    context: Type.Optional(
      Type.Object({
        ...context,
        time: Type.Optional(Type.Union([Type.String(), Type.Number()])),
        sessionFeatures: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      }),
    ),
    cursor: Cursor,
    after: After,
  },
  { additionalProperties: false },
)

export const SimilarPath = Type.Object({ id: Id })
export const SimilarQuery = Type.Object({ limit: Limit, category: Category }, closed)
export const TrendingQuery = Type.Object({ limit: Limit, category: Category }, closed)
