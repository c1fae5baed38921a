import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { ModelList, RollbackAnswer, RollbackInput, TrainingStatus } from '#schemas/api/operations.ts'
import { problemAnswers } from '#schemas/api/write-answers.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { Parts } from './embedded.ts'
import { listModels, modelManifest, rollBack } from './models.ts'
import type { Trainer } from './trainer.ts'

export interface OperatorRoutesOptions {
  readonly parts: Parts
  readonly trainer: Trainer
  readonly report: (error: unknown, doing: string) => void
}

/** What an operator asks of a running Millrace: its models, a training, the model before. */
export function operatorRoutes({ parts, trainer, report }: OperatorRoutesOptions) {
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

    app.post(
      '/v1/models/rollback',
      {
        schema: {
          tags,
          summary: 'Serve the model before this one again, or the given version',
          body: RollbackInput,
          response: { 202: RollbackAnswer, ...problemAnswers },
        },
      },
      async (request, reply) => {
        const version = await rollBack(parts, request.body.version)
        return reply.code(202).send({ version })
      },
    )

    const training = { tags, response: { 200: TrainingStatus, 202: TrainingStatus, ...problemAnswers } }
    app.get(
      '/v1/training',
      { schema: { ...training, summary: 'The training under way, or how the last one ended' } },
      async () => trainer.status(),
    )

    app.post(
      '/v1/training',
      { schema: { ...training, summary: 'Train now; 409 while another training runs' } },
      async (_, reply) => {
        if (trainer.status().state === 'running') {
          throw new MillraceError('conflict', 'Another training is under way.', { retriable: true })
        }
        trainer.train().catch((error: unknown) => report(error, 'training'))
        return reply.code(202).send(trainer.status())
      },
    )
  }
}
