import type { FastifyPluginAsync } from 'fastify'
import type { PrometheusMetrics } from '#infra/prometheus/metrics.ts'
import type { Readiness } from '../http/health-routes.ts'
import type { Parts } from '../parts.ts'

/** What every role is given. */
export interface RoleContext {
  readonly parts: Parts
  readonly metrics: PrometheusMetrics
  /** Told of failures that the role survives. Never throws. */
  readonly report: (error: unknown, doing: string) => void
}

/** One part of the work, in a process of its own or beside others. */
export interface Role {
  /** What it answers over HTTP, besides health and metrics. */
  readonly routes: readonly FastifyPluginAsync[]
  ready(): Readiness
  /** Finishes what is under way. */
  stop(): Promise<void>
  /** Rejects with the failure that no waiting mends: the process should end. Settles no later than `stop`. */
  readonly ended: Promise<unknown>
}

export const isReady: Readiness = { ready: true, reasons: [] }
