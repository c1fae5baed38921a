import type { FastifyRequest } from 'fastify'
import type { Metrics } from '#schemas/ports/metrics.ts'
import { closers, type Closers } from '../closers.ts'
import type { Readiness } from '../http/health-routes.ts'
import { createServer, serverDefaults, type ServerOptions } from '../http/server.ts'
import { version } from '../release.ts'
import { listen } from '../role-server.ts'
import { within } from '../within.ts'
import { systemLookup, type Lookup } from './addresses.ts'
import { batchRoutes } from './batch-routes.ts'
import { joinedDescription } from './description.ts'
import { forwarder, type ForwardOptions } from './forward.ts'
import { forwardedHeaders, keyHeaders } from './headers.ts'
import { findInstances, type Instances, type InstancesOptions } from './instances.ts'
import { proxyRoutes } from './proxy-routes.ts'
import { routeOf, type RoutedRole } from './routing.ts'
import { wholeAnswer } from './whole-answer.ts'

export interface GatewayOptions {
  /** Addresses of instances: `http://host:port`. A host name stands for all its addresses. */
  readonly ingestUrls: readonly string[]
  readonly serveUrls: readonly string[]
  /** May be empty: then nothing trains through here. */
  readonly trainUrls: readonly string[]
  readonly host: string
  readonly port: number
  /** Asked for here, and passed on to the instances, which ask again. */
  readonly apiKeys?: readonly string[]
  readonly rateLimit?: ServerOptions['rateLimit']
  readonly trustedProxies?: readonly string[]
  readonly logLevel?: ServerOptions['logLevel']
  readonly metrics: Metrics
  readonly renderMetrics: ServerOptions['renderMetrics']
  /** Told of failures it survives. Never throws. */
  readonly report: (error: unknown, doing: string) => void
  readonly limits?: Partial<GatewayLimits>
  /** For instances at `https://`. PEM texts. */
  readonly tls?: InstancesOptions['tls']
  readonly lookup?: Lookup
}

export interface GatewayLimits
  extends
    Pick<InstancesOptions, 'checkMs' | 'checkTimeoutMs' | 'connectTimeoutMs' | 'lookupMs' | 'maxOutstanding'>,
    Pick<ForwardOptions, 'readTryMs' | 'heldBytes'> {
  /** Time for an answer to begin where the client does not say in `x-deadline-ms` how long it waits. */
  readonly deadlineMs: number
  /** The most that a client may ask for. */
  readonly maxDeadlineMs: number
  /** Requests under way have so long to finish when it stops. */
  readonly stopMs: number
}

export const gatewayDefaults: GatewayLimits = {
  checkMs: 2_000,
  checkTimeoutMs: 2_000,
  connectTimeoutMs: 1_000,
  lookupMs: 10_000,
  maxOutstanding: 256,
  readTryMs: 2_000,
  heldBytes: 256 * 1024,
  deadlineMs: 15_000,
  maxDeadlineMs: 60_000,
  stopMs: 15_000,
}

/**
 * It does little for each request, so that what it is late for has piled up before it. Whoever waits there leaves after a
 * while and is asked for in vain; refusing costs little and is seen at once.
 */
const pressure = { maxEventLoopDelayMs: 150, sampledMs: 500 }

export interface Gateway {
  readonly url: string
  /**
   * Ready once ingest and serving have been, and from then on while one of them is: reads go on without ingest, and writes
   * without serving.
   */
  ready(): Readiness
  /** Takes no more requests and lets those under way finish. */
  stop(): Promise<void>
}

/**
 * One address for ingest, serving and training. Resolves when every instance known so far was asked whether it is ready,
 * and it listens. `address-in-use` when the port is taken. What fails to start closes what had.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const opened = closers()
  try {
    return await assemble(options, opened)
  } catch (error) {
    await opened.close()
    throw error
  }
}

async function assemble(options: GatewayOptions, opened: Closers): Promise<Gateway> {
  const { host, port, metrics, apiKeys = [], rateLimit, logLevel, renderMetrics } = options
  const limits = { ...gatewayDefaults, ...options.limits }
  const instances = await instancesOf(options, limits, opened)
  const forward = forwarder({ instances, metrics, ...limits })
  const deadlines = { defaultMs: limits.deadlineMs, maxMs: limits.maxDeadlineMs }
  let isStopping = false

  let hasBeenReady = false

  function ready(): Readiness {
    const reasons = (['ingest', 'serve'] as const).flatMap((role) => instances[role].trouble() ?? [])
    hasBeenReady ||= reasons.length === 0
    const isReady = hasBeenReady ? reasons.length < 2 : reasons.length === 0
    return { ready: isReady, reasons: isReady ? [] : reasons }
  }

  async function describe(role: RoutedRole, { raw, id }: FastifyRequest): Promise<unknown> {
    const target = wholeAnswer()
    const headers = keyHeaders(forwardedHeaders(raw, id))
    const request = { method: 'GET', path: '/openapi.json', headers, body: null }
    const route = { ...routeOf('GET', '/openapi.json'), role }
    await forward({ route, request, deadline: () => describedWithinMs, target, signal: new AbortController().signal })
    return target.answer()?.body
  }

  const server = createServer({
    version,
    apiKeys,
    ready,
    renderMetrics,
    metrics,
    pressure,
    ...(rateLimit !== undefined && { rateLimit }),
    ...(options.trustedProxies !== undefined && { trustedProxies: options.trustedProxies }),
    ...(logLevel !== undefined && { logLevel }),
    describe: (own, request) => joinedDescription(own, (role) => describe(role, request)),
  })
  void server.register(batchRoutes({ forward, deadlines }))
  const proxied = { forward, deadlines, maxReadBodyBytes: serverDefaults.bodyLimitBytes }
  void server.register(proxyRoutes({ ...proxied, isStopping: () => isStopping }))
  opened.add(async () => {
    isStopping = true
    if (await within(limits.stopMs, server.close())) return
    server.server.closeAllConnections()
  })
  const url = await listen(server, { host, port }, true)
  return { url, ready, stop: () => opened.close() }
}

async function instancesOf(
  options: GatewayOptions,
  limits: GatewayLimits,
  opened: Closers,
): Promise<Record<RoutedRole, Instances>> {
  const { tls, lookup = systemLookup, metrics, report } = options
  const shared = { ...limits, lookup, metrics, report, ...(tls !== undefined && { tls }) }
  const find = async (role: RoutedRole, urls: readonly string[]): Promise<Instances> => {
    const found = await findInstances({ ...shared, role, urls })
    opened.add(() => found.stop(true))
    return found
  }
  const [ingest, serve, train] = await Promise.all([
    find('ingest', options.ingestUrls),
    find('serve', options.serveUrls),
    find('train', options.trainUrls),
  ])
  return { ingest, serve, train }
}

const describedWithinMs = 2_000
