import type { BlobStore } from '#schemas/ports/blob-store.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import type { Metrics } from '#schemas/ports/metrics.ts'
import type { ModelRegistry } from '#schemas/ports/model-registry.ts'
import type { Solver } from '#schemas/ports/solver.ts'
import type { Tail } from '#schemas/ports/tail.ts'
import type { CreateVectorIndex } from '#schemas/ports/vector-index.ts'

/** What serving stands on. */
export interface ServingPorts {
  readonly features: FeatureStore
  readonly tail: Tail
  readonly createIndex: CreateVectorIndex
  readonly solver: Pick<Solver, 'foldIn'>
  readonly models: Pick<ModelRegistry, 'get'>
  readonly blobs: Pick<BlobStore, 'get'>
  /** Where impressions go, and what says how far `interactions` reach. */
  readonly log: Pick<EventLog, 'append' | 'partitions' | 'bounds'>
  readonly codec: Pick<Codec, 'encodeEvent'>
  readonly clock: Clock
  readonly metrics: Metrics
  /** Told of failures that answers survive. Never throws. */
  readonly report: (error: unknown, doing: string) => void
}
