import { memoryRateLimiter } from '#infra/memory/rate-limiter.ts'
import { prometheusMetrics } from '#infra/prometheus/metrics.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import { entriesOf, tlsTextsOf } from './cluster-options.ts'
import type { Config } from './config-keys.ts'
import { apiKeysOf } from './config.ts'
import { startGateway } from './gateway/gateway.ts'
import { assertHostAllowed } from './http/host.ts'
import { perMinute } from './http/rate-limit.ts'
import { listOf } from './list-of.ts'
import type { RoleProcess } from './role-process.ts'
import { isLogLevel } from './role-server.ts'

/** The gateway of a configuration. It stands on the other roles only, and counts requests by itself. */
export async function startGatewayProcess(
  config: Config,
  report: (error: unknown, doing: string) => void,
): Promise<RoleProcess> {
  const apiKeys = apiKeysOf(config)
  assertHostAllowed(config.host, apiKeys)
  const metrics = prometheusMetrics()
  const urls = [config.ingestUrls, config.serveUrls, config.trainUrls].join()
  const gateway = await startGateway({
    ingestUrls: entriesOf('ingestUrls', config.ingestUrls),
    serveUrls: entriesOf('serveUrls', config.serveUrls),
    trainUrls: listOf(config.trainUrls),
    host: config.host,
    port: config.port,
    apiKeys,
    trustedProxies: listOf(config.trustedProxies),
    metrics,
    renderMetrics: async () => (await metrics.render()).body,
    report,
    limits: { stopMs: config.shutdownMs * 0.8 },
    ...(urls.includes('https:') && { tls: tlsTextsOf(config) }),
    ...(config.rateLimit > 0 && {
      rateLimit: { limiter: memoryRateLimiter({ clock: systemClock() }), limit: perMinute(config.rateLimit) },
    }),
    ...(isLogLevel(config.logLevel) && { logLevel: config.logLevel }),
  })
  return { url: gateway.url, close: () => gateway.stop(), failed: new Promise(() => {}) }
}
