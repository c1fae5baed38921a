import type { FastifyInstance } from 'fastify'
import { problem } from '#schemas/api/problem.ts'
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
    const unshed = { rateLimit: false as const, pressureHandler: () => {} }

    app.get('/health/live', { config: { ...unshed, open: true }, schema: { tags: ['operations'] } }, async () => ({
      status: 'live',
    }))

    app.get('/health/ready', { config: { ...unshed, open: true }, schema: { tags: ['operations'] } }, (_, reply) => {
      const { ready, reasons } = options.ready()
      if (ready) {
        void reply.send({ status: 'ready' })
        return
      }
      const detail = `Not ready: ${reasons.join('; ')}.`
      sendProblem(reply, problem(503, 'not-ready', 'Not ready', detail, { reasons: [...reasons] }))
    })

    app.get('/metrics', { config: unshed, schema: { tags: ['operations'] } }, async (_, reply) => {
      void reply.type('text/plain; version=0.0.4; charset=utf-8').serializer(String)
      return await options.renderMetrics()
    })
  }
}
