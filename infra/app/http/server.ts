import { randomUUID } from 'node:crypto'
import helmet from '@fastify/helmet'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import underPressure from '@fastify/under-pressure'
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyServerOptions,
  type RawServerDefault,
} from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Metrics } from '#schemas/ports/metrics.ts'
import { noMetrics } from '#schemas/ports/metrics.ts'
import { apiKeys, assertKey } from './api-keys.ts'
import { describeRoutes } from './description.ts'
import { descriptionRoutes, type Describe } from './description-routes.ts'
import { healthRoutes, type HealthOptions } from './health-routes.ts'
import { answerUnknownRoutes } from './not-found.ts'
import { answerError, answerUnparsed } from './problem-answers.ts'
import { countRequest, type RequestLimit } from './rate-limit.ts'
import { stopListening } from './listen.ts'
import { jsonSerializer, typeboxValidator } from './schema-compilers.ts'
import { trustedProxies } from './trusted-proxies.ts'

/** Beyond any of these the server answers 503 with Retry-After before it begins. */
export interface PressureLimits {
  /** Of the mean over `sampledMs`: one long pause is no overload. */
  readonly maxEventLoopDelayMs?: number
  readonly sampledMs?: number
  readonly maxHeapUsedBytes?: number
  readonly maxRssBytes?: number
}

export interface ServerOptions extends HealthOptions {
  /** Version of the release, for the API's description. */
  readonly version: string
  /** When there are any, every route not marked `config: { open: true }` needs one of them. */
  readonly apiKeys?: readonly string[]
  /** Beyond it a caller, named by API key or else by address, is answered 429; not for health and metrics. */
  readonly rateLimit?: RequestLimit
  /** Addresses and networks whose `X-Forwarded-For` is believed. Throws `configuration-invalid` on what is neither. */
  readonly trustedProxies?: readonly string[]
  readonly pressure?: PressureLimits
  readonly bodyLimitBytes?: number
  /** Time a client has to send a whole request. */
  readonly requestTimeoutMs?: number
  /** Off when absent. */
  readonly logLevel?: 'error' | 'warn' | 'info' | 'debug'
  /** Where log lines go. Standard output when absent. */
  readonly logTo?: { write(line: string): void }
  readonly metrics?: Metrics
  /** Default: only what this server's own routes are. */
  readonly describe?: Describe
}

export const serverDefaults = {
  bodyLimitBytes: 1024 * 1024,
  requestTimeoutMs: 60_000,
  // Not of utilization: a process that is busy all the time and keeps up is healthy.
  pressure: { maxEventLoopDelayMs: 1_000, sampledMs: 2_000 },
} as const

export type Server = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/**
 * A server with everything but routes: problem details for every error, security headers, limits, API keys, health,
 * metrics, `/openapi.json` and `/docs`. Routes come as plugins (`app.register(routes)`), never by `app.get` on the
 * server itself: those would be added before limits and description see them. `close()` finishes what is in flight.
 */
export function createServer(options: ServerOptions): Server {
  const trusted = trustedProxies(options.trustedProxies ?? [])
  const app = fastify({
    ...(trusted !== undefined && { trustProxy: trusted }),
    bodyLimit: options.bodyLimitBytes ?? serverDefaults.bodyLimitBytes,
    requestTimeout: options.requestTimeoutMs ?? serverDefaults.requestTimeoutMs,
    forceCloseConnections: 'idle',
    genReqId: requestIds(),
    logger: loggerOf(options),
    clientErrorHandler: answerUnparsed,
    frameworkErrors: answerError,
    // An id of 256 bytes is up to 768 characters when percent-encoded.
    routerOptions: { maxParamLength: 1024 },
  }).withTypeProvider<TypeBoxTypeProvider>()

  app.setValidatorCompiler(typeboxValidator)
  app.setSerializerCompiler(jsonSerializer)
  app.setErrorHandler(answerError)
  answerUnknownRoutes(app)
  endConnectionsOnClose(app)
  registerLimits(app, options)
  describeRoutes(app, options.version, (options.apiKeys ?? []).length > 0)
  void app.register(descriptionRoutes(options.describe))
  void app.register(healthRoutes(options))
  return app
}

/** An answer given while closing is the last one on its connection: kept alive, it would hold the closing up. */
function endConnectionsOnClose(app: Server): void {
  let isClosing = false
  let over: Promise<void> | undefined
  app.addHook('preClose', async () => {
    isClosing = true
    over = stopListening(app)
  })
  app.addHook('onClose', async () => over)
  app.addHook('onSend', async (_, reply) => {
    if (isClosing) void reply.header('connection', 'close')
  })
}

function registerLimits(app: Server, options: ServerOptions): void {
  addSecurityHeaders(app)
  if (options.pressure !== undefined) {
    const { maxEventLoopDelayMs, sampledMs = serverDefaults.pressure.sampledMs, ...limits } = options.pressure
    const metrics = options.metrics ?? noMetrics
    void app.register(underPressure, {
      ...limits,
      ...(maxEventLoopDelayMs === undefined ? {} : { maxEventLoopDelay: maxEventLoopDelayMs }),
      sampleInterval: sampledMs,
      retryAfter: 2,
    })
    app.addHook('onError', async (_, __, error) => {
      if (error.code === 'FST_UNDER_PRESSURE') metrics.count('millrace_shed_total')
    })
  }
  countAndAdmit(app, options)
}

/** Helmet's headers are the same on every answer: it makes them once. */
function addSecurityHeaders(app: Server): void {
  let headers: Map<string, number | string | string[]> | undefined
  void app.register(helmet, {
    global: false,
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
    // Whoever terminates TLS decides about HSTS; this server speaks plain HTTP.
    strictTransportSecurity: false,
  })
  app.after(() => {
    app.addHook('onRequest', (_, reply, done) => {
      if (headers === undefined) {
        void reply.helmet()
        headers = new Map(Object.entries(reply.raw.getHeaders()).map(([name, value = '']) => [name, value]))
      } else reply.raw.setHeaders(headers)
      done()
    })
  })
}

/** Requests that are refused for want of a key count too: whoever tries keys out is slowed down. */
function countAndAdmit(app: Server, { rateLimit, apiKeys: given = [] }: ServerOptions): void {
  const keys = given.length === 0 ? undefined : apiKeys(given)
  if (keys === undefined && rateLimit === undefined) return
  app.addHook('onRequest', async (request, reply) => {
    const keyName = keys?.nameOf(request)
    if (rateLimit !== undefined) await countRequest(request, reply, keyName, rateLimit)
    if (keys !== undefined) assertKey(request, keyName)
  })
}

/** Pages are plain ES modules of the same origin; covers may come from anywhere by https. */
const contentSecurityPolicy = {
  'default-src': ["'self'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'https:', 'data:'],
  'connect-src': ["'self'"],
  'object-src': ["'none'"],
  'base-uri': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
}

function loggerOf(options: ServerOptions): NonNullable<FastifyServerOptions['logger']> {
  if (options.logLevel === undefined) return false
  return {
    level: options.logLevel,
    ...(options.logTo === undefined ? {} : { stream: options.logTo }),
    redact: ['authorization', 'x-api-key'].flatMap((header) => [
      `req.headers["${header}"]`,
      `request.headers["${header}"]`,
      `headers["${header}"]`,
    ]),
  }
}

/** Unique among processes, and short. */
function requestIds(): () => string {
  const prefix = randomUUID().slice(0, 8)
  let count = 0
  return () => `${prefix}-${(count++).toString(36)}`
}
