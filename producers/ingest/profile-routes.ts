import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { ProfileInput } from '#schemas/api/profiles.ts'
import { Id } from '#schemas/api/text.ts'
import { problemAnswers, WriteAnswer } from '#schemas/api/write-answers.ts'
import type { ProfilesEvent } from '#schemas/events/catalogue.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import { acceptProfile } from './accept-profile.ts'
import { bodyValue } from './body-elements.ts'
import type { BodyLimits } from './bulk-writer.ts'
import type { WriteEvents } from './event-writer.ts'
import { withBody } from './request-body.ts'

export interface ProfileRoutesOptions {
  readonly clock: Clock
  readonly newId: () => string
  readonly bodies: BodyLimits
  readonly write: WriteEvents
}

/** `PUT|DELETE /v1/users/{id}/profile`. */
export function profileRoutes(scope: FastifyInstance, options: ProfileRoutesOptions): void {
  const { clock, newId, bodies, write } = options
  const app = scope.withTypeProvider<TypeBoxTypeProvider>()
  const params = Type.Object({ id: Id })
  const tags = ['users']

  async function put(event: ProfilesEvent): Promise<WriteAnswer> {
    return { position: await write('profiles', [event], (each) => each.userId) }
  }

  function envelope(userId: string) {
    const now = clock.now()
    return { id: newId(), userId, occurredAt: now, acceptedAt: now }
  }

  app.put(
    '/v1/users/:id/profile',
    {
      schema: {
        tags,
        summary: "Set or replace a user's profile",
        params,
        body: ProfileInput,
        response: { 202: WriteAnswer, ...problemAnswers },
      },
    },
    async (request, reply) => {
      const answer = await withBody(request.raw, bodies, async (body) =>
        put({ ...envelope(request.params.id), type: 'upsert', profile: acceptProfile(bodyValue(body)) }),
      )
      return reply.code(202).send(answer)
    },
  )

  app.delete(
    '/v1/users/:id/profile',
    {
      schema: { tags, summary: "Remove a user's profile", params, response: { 202: WriteAnswer, ...problemAnswers } },
    },
    async (request, reply) => reply.code(202).send(await put({ ...envelope(request.params.id), type: 'delete' })),
  )
}
