import type { FastifyPluginAsync } from 'fastify'
import type { PrometheusMetrics } from '#infra/prometheus/metrics.ts'
import { MillraceError } from '#schemas/errors.ts'
import type { RateLimiter } from '#schemas/ports/rate-limiter.ts'
import type { Config } from './config-keys.ts'
import { apiKeysOf } from './config.ts'
import type { Readiness } from './http/health-routes.ts'
import { perMinute } from './http/rate-limit.ts'
import { listenAt } from './http/listen.ts'
import { createServer, serverDefaults, type Server } from './http/server.ts'
import { listOf } from './list-of.ts'
import { version } from './release.ts'

export interface RoleServerOptions {
  readonly config: Config
  readonly metrics: PrometheusMetrics
  readonly routes: readonly FastifyPluginAsync[]
  readonly ready: () => Readiness
  /** Counts requests where the configuration sets a limit. */
  readonly limiter: RateLimiter
}

/** One address for the routes of one role or several. */
export function roleServer({ config, metrics, routes, ready, limiter }: RoleServerOptions): Server {
  const server = createServer({
    version,
    apiKeys: apiKeysOf(config),
    ready,
    renderMetrics: async () => (await metrics.render()).body,
    metrics,
    pressure: serverDefaults.pressure,
    trustedProxies: listOf(config.trustedProxies),
    ...(config.rateLimit > 0 && { rateLimit: { limiter, limit: perMinute(config.rateLimit) } }),
    ...(isLogLevel(config.logLevel) && { logLevel: config.logLevel }),
  })
  for (const route of routes) void server.register(route)
  return server
}

const portsTried = 20

/** Listens as configured; returns the address. A taken port is an error when it is `explicit`, else the next free one is used. */
export async function listen(
  server: Server,
  { host, port }: Pick<Config, 'host' | 'port'>,
  explicit: boolean,
): Promise<string> {
  for (let tried = port; ; tried++) {
    try {
      return await listenAt(server, { host, port: tried })
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
      if (!isTaken) throw error
      if (explicit || tried >= port + portsTried) {
        const facts = { host, port: tried }
        throw new MillraceError('address-in-use', `port ${tried} on ${host} is taken`, { cause: error, facts })
      }
    }
  }
}

/** Whether requests are logged at all. */
export function isLogLevel(level: string): level is 'error' | 'warn' | 'info' | 'debug' {
  return ['error', 'warn', 'info', 'debug'].includes(level)
}
