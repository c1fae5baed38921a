import { type Static, Type } from 'typebox'
import { Problem, problemMediaType } from './problem.ts'

const position = Type.String({
  description: 'where it stands on the log; a read with `after=` it sees the interactions up to there',
})

/** Why one element of a request was not taken. */
export const Rejection = Type.Object({
  index: Type.Integer({ minimum: 0, description: 'place in the request, from 0; blank lines do not count' }),
  id: Type.Optional(Type.String({ description: 'its id, where it had a usable one' })),
  code: Type.String(),
  field: Type.String({ description: 'the field at fault; empty for the element as a whole' }),
  message: Type.String(),
})

export type Rejection = Static<typeof Rejection>

/** The 202 of a bulk write: what is accepted or a duplicate is durable. */
export const BulkAnswer = Type.Object({
  accepted: Type.Integer({ minimum: 0 }),
  duplicates: Type.Integer({ minimum: 0, description: 'recognised repeats, best effort; each counts once for ever' }),
  rejected: Type.Array(Rejection),
  position,
})

export type BulkAnswer = Static<typeof BulkAnswer>

/** The 202 of a single write. */
export const WriteAnswer = Type.Object({ position })

export type WriteAnswer = Static<typeof WriteAnswer>

/** Everything about these users is being forgotten: the user's own id last, adopted guests before it. */
export const EraseAnswer = Type.Object({ position, erased: Type.Array(Type.String()) })

export type EraseAnswer = Static<typeof EraseAnswer>

export const AdoptAnswer = Type.Object({
  position,
  carried: Type.Integer({ minimum: 0, description: "interactions of the guest's history that the event carries" }),
})

export type AdoptAnswer = Static<typeof AdoptAnswer>

/** The errors of any route, for its `response` schema. */
export const problemAnswers = {
  '4xx': { description: 'What was wrong with the request', content: { [problemMediaType]: { schema: Problem } } },
  '5xx': { description: 'What the server could not do', content: { [problemMediaType]: { schema: Problem } } },
} as const
