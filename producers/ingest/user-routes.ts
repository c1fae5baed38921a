import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Id } from '#schemas/api/text.ts'
import { AdoptAnswer, EraseAnswer, problemAnswers } from '#schemas/api/write-answers.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import { bodyValue } from './body-elements.ts'
import type { BodyLimits } from './bulk-writer.ts'
import type { WriteEvents } from './event-writer.ts'
import { rejectionOf } from './rejection.ts'
import { withBody } from './request-body.ts'
import { adoptEvent, eraseEvents, profileDeletions, type ReadUser } from './user-events.ts'

export interface UserRoutesOptions {
  readonly clock: Clock
  readonly newId: () => string
  readonly bodies: BodyLimits
  readonly write: WriteEvents
  /** A user as of everything accepted of them so far. */
  readonly foldedUser: ReadUser
}

/** `DELETE /v1/users/{id}` and `POST /v1/users/{id}/adopt`. */
export function userRoutes(scope: FastifyInstance, options: UserRoutesOptions): void {
  const { clock, newId, bodies, write, foldedUser } = options
  const app = scope.withTypeProvider<TypeBoxTypeProvider>()
  const params = Type.Object({ id: Id })
  const tags = ['users']

  app.delete(
    '/v1/users/:id',
    {
      schema: {
        tags,
        summary: 'Forget a user',
        description:
          'History and profile go, and those of every guest the user adopted. Forgetting an unknown user is no error.',
        params,
        response: { 202: EraseAnswer, ...problemAnswers },
      },
    },
    async (request, reply) => {
      const events = await eraseEvents(request.params.id, foldedUser, { newId, now: clock.now() })
      await write('profiles', profileDeletions(events, newId), (event) => event.userId)
      const position = await write('interactions', events, (event) => event.userId)
      return reply.code(202).send({ position, erased: events.map((event) => event.userId) })
    },
  )

  app.post(
    '/v1/users/:id/adopt',
    {
      schema: {
        tags,
        summary: 'A guest turned out to be this user',
        description: "The guest's history becomes the user's; what the user already has of it counts once.",
        params,
        body: AdoptInput,
        response: { 202: AdoptAnswer, ...problemAnswers },
      },
    },
    async (request, reply) => {
      const userId = request.params.id
      const guestId = await withBody(request.raw, bodies, async (body) => acceptGuest(bodyValue(body), userId))
      const event = await adoptEvent(userId, guestId, foldedUser, { newId, now: clock.now() })
      const position = await write('interactions', [event], (each) => each.userId)
      return reply.code(202).send({ position, carried: event.history.length })
    },
  )
}

const AdoptInput = Type.Object({ guestId: Id }, { additionalProperties: false })
const adoptCheck = Compile(AdoptInput)

function acceptGuest(raw: unknown, userId: string): string {
  if (!adoptCheck.Check(raw)) {
    const { field, message } = rejectionOf(adoptCheck, raw, 0)
    throw new MillraceError('invalid-input', message, { facts: { field } })
  }
  if (raw.guestId === userId) {
    throw new MillraceError('invalid-input', 'guestId must be another user', { facts: { field: 'guestId' } })
  }
  return raw.guestId
}
