import { type Static, Type } from 'typebox'
import type { FoldSettings } from '../settings.ts'
import { Attributes } from './attributes.ts'
import { Absentable, Id, Label } from './text.ts'
import { Time } from './time.ts'

const input = {
  id: Absentable(Id),
  userId: Id,
  itemId: Id,
  value: Absentable(Type.Number({ description: 'the rating, where the type is one; else any finite number' })),
  occurredAt: Absentable(Time),
  sessionId: Absentable(Id),
  context: Absentable(Attributes({ keys: 32, keyBytes: 256, valueBytes: 256 }, 'where and how it happened')),
  attribution: Absentable(
    Type.Object(
      { requestId: Id, position: Type.Integer({ minimum: 0, maximum: 1_000_000 }) },
      { additionalProperties: false, description: 'the recommendation it answers to' },
    ),
  ),
  source: Absentable(Label(64, 'digest of an imported file and its mapping; needs `sequence`')),
  sequence: Absentable(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'line in `source`' })),
  mended: Absentable(Type.Boolean({ description: 'a rejected line of `source`, corrected' })),
}

/** What a client sends as one interaction. */
export type InteractionInput = Static<ReturnType<typeof interactionInput>>

/** The schema of an interaction, under the interaction types and the rating scale that are configured. */
export function interactionInput(settings: Pick<FoldSettings, 'actions' | 'ratingScale'>) {
  const { min, max } = settings.ratingScale
  return Type.Object(
    {
      ...input,
      type: Type.Unsafe<string>({ type: 'string', enum: Object.keys(settings.actions) }),
    },
    {
      additionalProperties: false,
      description: `Something a user did with an item. A rating needs a value from ${min} to ${max}. A time more than 24 h in the future is rejected, the past is welcome; null is the same as absent.`,
    },
  )
}

/** One counted interaction, as `GET /v1/users/{id}/interactions` lists it. */
export const CountedInteraction = Type.Object({
  id: Type.String(),
  itemId: Type.String(),
  type: Type.String(),
  value: Type.Optional(Type.Number()),
  occurredAt: Type.Integer(),
  acceptedAt: Type.Integer(),
})

export type CountedInteraction = Static<typeof CountedInteraction>

export const CountedInteractions = Type.Object(
  { items: Type.Array(CountedInteraction) },
  { description: 'What the fold has counted of a user, newest first' },
)

export type CountedInteractions = Static<typeof CountedInteractions>
