import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { problem } from '#schemas/api/problem.ts'
import { problemAnswers } from '#schemas/api/write-answers.ts'
import { sendProblem } from './problem-answers.ts'

export interface Readiness {
  readonly ready: boolean
  /** What is being waited for, for people; empty when ready. */
  readonly reasons: readonly string[]
}

export interface HealthOptions {
  readonly ready: () => Readiness
  /** Every metric in the Prometheus text format. */
  readonly renderMetrics: () => Promise<string> | string
}

/** Whether the process lives, whether it can serve, and what it measured. Never shed, never rate limited. */
export function healthRoutes(options: HealthOptions): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    const tags = ['operations']
    const status = { 200: Type.Object({ status: Type.String() }), ...problemAnswers }
    const live = { tags, summary: 'Whether the process lives', response: status }
    const ready = {
      tags,
      summary: 'Whether it can serve',
      description: '503, with reasons, until it has caught up.',
      response: status,
    }
    const metrics = {
      tags,
      summary: 'Every metric, in the Prometheus text format',
      response: { 200: metricsAnswer, ...problemAnswers },
    }
    const unshed = { rateLimit: false as const, pressureHandler: () => {} }

    app.get('/health/live', { config: { ...unshed, open: true }, schema: live }, async () => ({
      status: 'live',
    }))

    app.get('/health/ready', { config: { ...unshed, open: true }, schema: ready }, (_, reply) => {
      const readiness = options.ready()
      if (readiness.ready) {
        void reply.send({ status: 'ready' })
        return
      }
      const { reasons } = readiness
      const detail = `Not ready: ${reasons.join('; ')}.`
      sendProblem(reply, problem(503, 'not-ready', 'Not ready', detail, { reasons: [...reasons] }))
    })

    app.get('/metrics', { config: unshed, schema: metrics }, async (_, reply) => {
      void reply.type('text/plain; version=0.0.4; charset=utf-8').serializer(String)
      return await options.renderMetrics()
    })
  }
}

const metricsAnswer = {
  description: 'Metrics by name and labels',
  content: { 'text/plain': { schema: Type.String() } },
}
