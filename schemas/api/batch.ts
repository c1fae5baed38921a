import { type Static, Type } from 'typebox'

/** Reads that one request may hold. */
export const mostBatchReads = 20

const closed = { additionalProperties: false }

export const BatchRead = Type.Object(
  {
    method: Type.Optional(
      Type.Union([Type.Literal('GET'), Type.Literal('POST')], {
        description: '`GET` (default), or `POST` for `/v1/recommendations`',
      }),
    ),
    path: Type.String({
      pattern: '^/v1/[!-~]*$',
      maxLength: 16_384,
      description: 'with the query, percent-encoded: `/v1/users/ada/recommendations?limit=5`',
    }),
    body: Type.Optional(Type.Object({}, { additionalProperties: true, description: 'of a `POST`' })),
  },
  closed,
)

export type BatchRead = Static<typeof BatchRead>

export const BatchInput = Type.Object(
  { requests: Type.Array(BatchRead, { minItems: 1, maxItems: mostBatchReads }) },
  closed,
)

export const BatchAnswer = Type.Object({
  responses: Type.Array(
    Type.Object({
      status: Type.Integer({ minimum: 100, maximum: 599 }),
      body: Type.Unknown({
        description: 'what the read alone would have been answered with; problem details of an error',
      }),
    }),
    { description: 'one for each request, in their order' },
  ),
})

export type BatchAnswer = Static<typeof BatchAnswer>
