import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { BatchAnswer, BatchInput, mostBatchReads, type BatchRead } from '#schemas/api/batch.ts'
import { problem } from '#schemas/api/problem.ts'
import { problemAnswers } from '#schemas/api/write-answers.ts'
import { MillraceError } from '#schemas/errors.ts'
import { deadlineHeader, deadlineOf } from './deadline.ts'
import { forwardProblem } from './forward-problem.ts'
import { forwardedHeaders, keyHeaders, requestIdOf } from './headers.ts'
import type { ProxyOptions } from './proxy-routes.ts'
import { routeOf } from './routing.ts'
import { wholeAnswer } from './whole-answer.ts'

/** Several reads in one request. */
export function batchRoutes({ forward, deadlines }: Pick<ProxyOptions, 'forward' | 'deadlines'>) {
  return async (scope: FastifyInstance): Promise<void> => {
    const app = scope.withTypeProvider<TypeBoxTypeProvider>()
    app.post(
      '/v1/batch',
      {
        schema: {
          tags: ['recommendations'],
          summary: `Up to ${mostBatchReads} reads at once`,
          description: 'Each is answered as it would be alone. They share the deadline and run at the same time.',
          body: BatchInput,
          response: { 200: BatchAnswer, ...problemAnswers },
        },
      },
      async (request, reply) => {
        const { requests } = request.body
        for (const [index, read] of requests.entries()) assertRead(read, index)
        const deadline = deadlineOf(request.headers[deadlineHeader], deadlines)
        const requestId = requestIdOf(request.headers, request.id)
        const shared = keyHeaders(forwardedHeaders(request.raw, requestId))
        const gone = new AbortController()
        reply.raw.once('close', () => gone.abort(new Error('the client has gone')))

        const answerOf = async (read: BatchRead): Promise<BatchAnswer['responses'][number]> => {
          const { method = 'GET', path, body } = read
          const route = routeOf(method, path)
          const target = wholeAnswer()
          const headers = method === 'POST' ? { ...shared, 'content-type': 'application/json' } : shared
          const sent = method === 'POST' ? Buffer.from(JSON.stringify(body ?? {})) : null
          const upstream = { method, path, headers, body: sent }
          const end = await forward({ route, request: upstream, deadline, target, signal: gone.signal })
          if (end.type !== 'answered') {
            const why = forwardProblem(end, route)
            return { status: why.status, body: why }
          }
          return target.answer() ?? unreadable
        }
        return { responses: await Promise.all(requests.map(answerOf)) }
      },
    )
  }
}

/** Throws `invalid-input` naming the field of what is no read. */
function assertRead({ method = 'GET', path, body }: BatchRead, index: number): void {
  const refuse = (field: string, why: string): never => {
    throw new MillraceError('invalid-input', `body: requests.${index}.${field} ${why}`, {
      facts: { field: `requests.${index}.${field}` },
    })
  }
  if (!routeOf(method, path).isRead) refuse('method', 'is no read: POST reads /v1/recommendations only')
  if (method === 'GET' && body !== undefined) refuse('body', 'belongs to a POST')
}

const unreadable = {
  status: 502,
  body: problem(502, 'upstream-failed', 'Instance failed', 'The instance did not answer in JSON.'),
}
