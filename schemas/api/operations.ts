import { type Static, Type } from 'typebox'

/** A published model as an operator sees it. */
export const ModelSummary = Type.Object({
  version: Type.String(),
  state: Type.Union([Type.Literal('serving'), Type.Literal('published'), Type.Literal('unpublished')]),
  createdAt: Type.String({ description: 'ISO 8601' }),
  interactions: Type.Integer({ minimum: 0, description: 'user and item pairs it was trained on' }),
  'ndcg@10': Type.Union([Type.Number(), Type.Null()], { description: 'on held-out events; null where unmeasured' }),
})

export type ModelSummary = Static<typeof ModelSummary>

export const ModelList = Type.Object({ items: Type.Array(ModelSummary) })

export const RollbackInput = Type.Object(
  { version: Type.Optional(Type.String({ description: 'default: the model served before' })) },
  { additionalProperties: false },
)

export const RollbackAnswer = Type.Object({ version: Type.String() })

/** The training under way, or how the last one of this process ended. */
export const TrainingStatus = Type.Object({
  state: Type.Union([
    Type.Literal('idle'),
    Type.Literal('running'),
    Type.Literal('published'),
    Type.Literal('refused'),
    Type.Literal('failed'),
  ]),
  version: Type.Optional(Type.String()),
  metrics: Type.Optional(Type.Record(Type.String(), Type.Number())),
  reason: Type.Optional(Type.String()),
})

export type TrainingStatus = Static<typeof TrainingStatus>
