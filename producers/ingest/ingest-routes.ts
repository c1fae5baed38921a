import type { FastifyInstance } from 'fastify'
import type { AcceptedEvents } from '#schemas/ports/accepted-events.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import { isMillraceError } from '#schemas/errors.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import { ndjsonTypes } from './body-elements.ts'
import { bulkWriter } from './bulk-writer.ts'
import { byteBudget } from './byte-budget.ts'
import type { DeclaredEmbeddings } from './declared-embeddings.ts'
import { eventWriter, type WriteEvents } from './event-writer.ts'
import { foldedUser } from './folded-user.ts'
import { interactionRoutes } from './interaction-routes.ts'
import { itemRoutes } from './item-routes.ts'
import { profileRoutes } from './profile-routes.ts'
import { recentIds } from './recent-ids.ts'
import { userRoutes } from './user-routes.ts'

export interface IngestOptions {
  readonly log: EventLog
  readonly codec: Codec
  readonly clock: Clock
  readonly metrics: Metrics
  readonly settings: Pick<FoldSettings, 'actions' | 'ratingScale'>
  readonly features: Pick<FeatureStore, 'user' | 'foldedTo'>
  /** A new id for an event that came without one, never twice the same: a UUID. */
  readonly newId: () => string
  /** Told of every interaction and erase once it is durable. */
  readonly accepted?: Pick<AcceptedEvents, 'tell'>
  readonly limits?: Partial<IngestLimits>
  /** The vectors that items may bring; by default any without a name. */
  readonly embeddings?: DeclaredEmbeddings
}

export interface IngestLimits {
  /** Elements of one request. */
  readonly maxElements: number
  /** Bytes of one request after decompression. */
  readonly maxBytes: number
  /** Bytes of all requests and records on their way to the log; beyond it writes are answered 503. */
  readonly maxBytesInFlight: number
  /** Accepted ids remembered to tell repeats. */
  readonly rememberedIds: number
  /** How long an erase or an adopt waits for the fold, ms. */
  readonly foldPatienceMs: number
}

export const ingestDefaults: IngestLimits = {
  maxElements: 10_000,
  maxBytes: 8 * 1024 * 1024,
  maxBytesInFlight: 64 * 1024 * 1024,
  rememberedIds: 100_000,
  foldPatienceMs: 5_000,
}

/**
 * The ways in over HTTP, as a Fastify plugin. A 202 is sent after the log has everything it counts durably; all else is
 * thrown as a MillraceError for the server's error handler.
 */
export function ingestRoutes(options: IngestOptions): (app: FastifyInstance) => Promise<void> {
  const limits = { ...ingestDefaults, ...options.limits }
  const budget = byteBudget(limits.maxBytesInFlight)
  const write = eventWriter(options, budget)
  const bodies = { maxBytes: limits.maxBytes, budget }
  const bulk = bulkWriter({
    ...options,
    ...limits,
    bodies,
    write,
    recent: recentIds(limits.rememberedIds),
  })
  const single: WriteEvents = async (topic, events, keyOf) => {
    const position = await write(topic, events, keyOf)
    options.metrics.count('millrace_ingest_events_total', events.length, { outcome: 'accepted' })
    return position
  }
  const folded = { ...options, patienceMs: limits.foldPatienceMs }

  return async (app) => {
    readOwnBodies(app)
    measure(app, options.metrics)
    interactionRoutes(app, { ...options, bulk })
    itemRoutes(app, { ...options, bulk, bodies, write: single })
    profileRoutes(app, { ...options, bodies, write: single })
    userRoutes(app, { ...options, bodies, write: single, foldedUser: (userId) => foldedUser(folded, userId) })
  }
}

/** Bodies are inflated, bounded and validated by the routes: their schemas only describe them. */
function readOwnBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(['application/json', ...ndjsonTypes], (_, payload, done) => done(null, payload))
  const validator = app.validatorCompiler
  app.setValidatorCompiler((part) =>
    part.httpPart === 'body' || validator === undefined ? (value: unknown) => ({ value }) : validator(part),
  )
}

function measure(app: FastifyInstance, metrics: Metrics): void {
  app.addHook('onResponse', async (request, reply) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      metrics.observe('millrace_ingest_latency_seconds', reply.elapsedTime / 1000)
    }
  })
  app.addHook('onError', async (_, __, error) => {
    if (isMillraceError(error, 'overloaded')) metrics.count('millrace_shed_total')
  })
}
