import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { type CountedInteraction, CountedInteractions } from '#schemas/api/interactions.ts'
import { Id } from '#schemas/api/text.ts'
import { AdoptAnswer, EraseAnswer, problemAnswers } from '#schemas/api/write-answers.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import type { HistoryEntry } from '#schemas/rows/user-rows.ts'
import { bodyValue } from './body-elements.ts'
import type { BodyLimits } from './bulk-writer.ts'
import type { WriteEvents } from './event-writer.ts'
import { rejectionOf } from './rejection.ts'
import { withBody } from './request-body.ts'
import { adoptEvent, eraseEvents, profileDeletions, type ReadUser } from './user-events.ts'

export interface UserRoutesOptions {
  readonly clock: Clock
  readonly features: Pick<FeatureStore, 'user'>
  readonly newId: () => string
  readonly bodies: BodyLimits
  readonly write: WriteEvents
  /** A user as of everything accepted of them so far. */
  readonly foldedUser: ReadUser
}

/** `GET /v1/users/{id}/interactions`, `DELETE /v1/users/{id}` and `POST /v1/users/{id}/adopt`. */
export function userRoutes(scope: FastifyInstance, options: UserRoutesOptions): void {
  const { clock, features, newId, bodies, write, foldedUser } = options
  const app = scope.withTypeProvider<TypeBoxTypeProvider>()
  const params = Type.Object({ id: Id })
  const tags = ['users']

  app.get(
    '/v1/users/:id/interactions',
    {
      schema: {
        tags,
        summary: 'What a user did',
        description: 'Only what has been counted, newest first. An unknown user has an empty list.',
        params,
        querystring: Type.Object(
          { limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: defaultLimit })) },
          { additionalProperties: false },
        ),
        response: { 200: CountedInteractions, ...problemAnswers },
      },
    },
    async (request) => {
      const user = await features.user(request.params.id)
      const newest = (user?.history ?? []).slice(-(request.query.limit ?? defaultLimit)).reverse()
      return { items: newest.map(countedInteraction) }
    },
  )

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

const defaultLimit = 100

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

function countedInteraction(entry: HistoryEntry): CountedInteraction {
  return {
    id: entry.id,
    itemId: entry.itemId,
    type: entry.action,
    ...(entry.value === null ? {} : { value: entry.value }),
    occurredAt: entry.occurredAt,
    acceptedAt: entry.acceptedAt,
  }
}
