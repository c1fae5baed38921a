import type { AcceptedEvents } from '#schemas/ports/accepted-events.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import type { Lease } from '#schemas/ports/lease.ts'
import type { Membership } from '#schemas/ports/membership.ts'
import type { ModelRegistry } from '#schemas/ports/model-registry.ts'
import type { RateLimiter } from '#schemas/ports/rate-limiter.ts'
import type { ReadableTables } from '#schemas/ports/readable-tables.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import type { Config } from './config-keys.ts'
import type { ModelStoresOrder } from './model-stores.ts'

/** Everything a role stands on, whatever the preset. */
export interface Parts {
  readonly config: Config
  readonly settings: FoldSettings
  /** Names the rows: reducers and settings. */
  readonly rows: string
  readonly clock: Clock
  readonly codec: Codec
  readonly log: EventLog
  readonly store: StateStore
  readonly features: FeatureStore
  readonly registry: ModelRegistry
  readonly blobs: BlobStore
  /** How another thread opens `registry` and `blobs`. */
  readonly modelStores: ModelStoresOrder
  readonly leases: Lease
  readonly limiter: RateLimiter
  /** Tables for people, where the preset has a place for them and they are wanted. */
  readonly readable?: ReadableTables
  /** What the fold has not counted yet, for lists that cannot wait for it. */
  readonly accepted?: AcceptedEvents
  /** Shares the partitions of the source topics among processors. */
  readonly membership: Membership
  /** Clocks of the servers it stands on, epoch ms. */
  readonly peerClocks: readonly (() => Promise<number>)[]
  /** Signs cursors: the same on every serving instance. */
  readonly cursorKey: string
  /** Closes all, in order. */
  close(): Promise<void>
}
