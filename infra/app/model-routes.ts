import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { ModelList } from '#schemas/api/operations.ts'
import { problemAnswers } from '#schemas/api/write-answers.ts'
import { listModels, modelManifest } from './models.ts'
import type { Parts } from './parts.ts'

/** What may be read of the models by anyone who serves reads. */
export function modelRoutes(parts: Parts) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<TypeBoxTypeProvider>()
    const tags = ['operations']

    app.get(
      '/v1/models',
      { schema: { tags, summary: 'Every model, newest first', response: { 200: ModelList, ...problemAnswers } } },
      async () => ({ items: await listModels(parts) }),
    )

    app.get(
      '/v1/models/:version',
      {
        schema: {
          tags,
          summary: 'The manifest of a model: settings, metrics, positions',
          params: Type.Object({ version: Type.String() }),
          response: { 200: Type.Object({}, { additionalProperties: true }), ...problemAnswers },
        },
      },
      async (request) => modelManifest(parts, request.params.version),
    )
  }
}
