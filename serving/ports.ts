import type { AcceptedEvents } from '#schemas/ports/accepted-events.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import type { Lease } from '#schemas/ports/lease.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import type { ModelRegistry } from '#schemas/ports/model-registry.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { OpenUserEncoder } from '#schemas/ports/user-encoder.ts'
import type { Tail } from '#schemas/ports/tail.ts'
import type { CreateVectorIndex } from '#schemas/ports/vector-index.ts'

/** What serving stands on. */
export interface ServingPorts {
  /** Names what `features` reads: the reducers and settings that folded it. */
  readonly rows: string
  readonly features: FeatureStore
  readonly tail: Tail
  readonly createIndex: CreateVectorIndex
  readonly solver: Pick<Solver, 'foldIn'>
  readonly models: Pick<ModelRegistry, 'get'>
  /** Holds models, and the bases that instances write for those to come. */
  readonly blobs: BlobStore
  /** Of several instances one writes bases at a time. */
  readonly leases: Lease
  /** Where impressions go and bases are announced, and what says how far topics reach. */
  readonly log: Pick<EventLog, 'append' | 'partitions' | 'bounds'>
  readonly codec: Pick<Codec, 'encodeEvent' | 'encodeRow' | 'decodeRow'>
  readonly clock: Clock
  readonly metrics: Metrics
  /** What the fold may not have counted yet; without it lists wait for the fold. */
  readonly accepted?: Pick<AcceptedEvents, 'of'>
  /** For models trained elsewhere; without it they cannot be served. */
  readonly openEncoder?: OpenUserEncoder
  /** Told of failures that answers survive. Never throws. */
  readonly report: (error: unknown, doing: string) => void
}
