import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { ProfileInput, UserProfile } from '#schemas/api/profiles.ts'
import { Id } from '#schemas/api/text.ts'
import { problemAnswers, WriteAnswer } from '#schemas/api/write-answers.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { ProfilesEvent } from '#schemas/events/catalogue.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import { acceptProfile } from './accept-profile.ts'
import { bodyValue } from './body-elements.ts'
import type { BodyLimits } from './bulk-writer.ts'
import type { WriteEvents } from './event-writer.ts'
import { withBody } from './request-body.ts'

export interface ProfileRoutesOptions {
  readonly clock: Clock
  readonly features: Pick<FeatureStore, 'profile'>
  readonly newId: () => string
  readonly bodies: BodyLimits
  readonly write: WriteEvents
}

/** `PUT|GET|DELETE /v1/users/{id}/profile`. Reads see what the fold has written. */
export function profileRoutes(scope: FastifyInstance, options: ProfileRoutesOptions): void {
  const { clock, features, newId, bodies, write } = options
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

  app.get(
    '/v1/users/:id/profile',
    { schema: { tags, summary: "A user's profile", params, response: { 200: UserProfile, ...problemAnswers } } },
    async (request) => {
      const profile = await features.profile(request.params.id)
      if (profile === undefined) {
        throw new MillraceError('not-found', `There is no profile of user ${request.params.id}.`, {
          facts: { field: 'id' },
        })
      }
      return { attributes: profile.attributes, interests: [...profile.interests] }
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
