import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { interactionInput } from '#schemas/api/interactions.ts'
import { BulkAnswer, problemAnswers } from '#schemas/api/write-answers.ts'
import type { InteractionsEvent } from '#schemas/events/interactions.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { interactionAcceptor } from './accept-interactions.ts'
import type { WriteBulk } from './bulk-writer.ts'

export interface InteractionRoutesOptions {
  readonly settings: Pick<FoldSettings, 'actions' | 'ratingScale'>
  readonly newId: () => string
  readonly bulk: WriteBulk
}

/** `POST /v1/interactions`. */
export function interactionRoutes(app: FastifyInstance, options: InteractionRoutesOptions): void {
  const input = interactionInput(options.settings)
  const kind = {
    topic: 'interactions' as const,
    accept: interactionAcceptor(options.settings, options.newId),
    keyOf: (event: InteractionsEvent) => event.userId,
  }
  app.post(
    '/v1/interactions',
    {
      schema: {
        tags: ['interactions'],
        summary: 'Say what users did',
        description:
          'One interaction, an array, or one a line as NDJSON; gzip too. At most 10,000, and 8 MiB after decompression. Answered once durable; sent again with its id, an interaction still counts once.',
        body: {
          content: {
            'application/json': { schema: Type.Union([input, Type.Array(input, { minItems: 1, maxItems: 10_000 })]) },
            'application/x-ndjson': { schema: input },
          },
        },
        response: { 202: BulkAnswer, ...problemAnswers },
      },
    },
    async (request, reply) => reply.code(202).send(await options.bulk(request, kind)),
  )
}
