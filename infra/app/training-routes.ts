import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { RollbackAnswer, RollbackInput, TrainingStatus } from '#schemas/api/operations.ts'
import { problemAnswers } from '#schemas/api/write-answers.ts'
import { MillraceError } from '#schemas/errors.ts'
import { rollBack } from './models.ts'
import type { Parts } from './parts.ts'
import type { Trainer } from './trainer.ts'

export interface TrainingRoutesOptions {
  readonly parts: Parts
  readonly trainer: Trainer
  readonly report: (error: unknown, doing: string) => void
}

/** What an operator asks of a trainer: a training, the model before. */
export function trainingRoutes({ parts, trainer, report }: TrainingRoutesOptions) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<TypeBoxTypeProvider>()
    const tags = ['operations']

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
