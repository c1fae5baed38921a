import { join } from 'node:path'
import { avroCodec } from '#infra/avro/codec.ts'
import { folderBlobStore } from '#infra/folder/blob-store.ts'
import { folderModelRegistry } from '#infra/folder/model-registry.ts'
import { openDataFolder } from '#infra/lmdb/data-folder.ts'
import { lmdbEventLog } from '#infra/lmdb/event-log.ts'
import { lmdbStateStore } from '#infra/lmdb/state-store.ts'
import { rowFeatureStore } from '#infra/rows/feature-store.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import type { BlobStore } from '#schemas/ports/blob-store.ts'
import type { Clock } from '#schemas/ports/clock.ts'
import type { Codec } from '#schemas/ports/codec.ts'
import type { EventLog } from '#schemas/ports/event-log.ts'
import type { FeatureStore } from '#schemas/ports/feature-store.ts'
import type { ModelRegistry } from '#schemas/ports/model-registry.ts'
import type { StateStore } from '#schemas/ports/state-store.ts'
import type { FoldSettings } from '#schemas/settings.ts'
import type { Config } from './config-keys.ts'
import { foldSettingsOf } from './config.ts'
import { rowsGeneration } from './generation.ts'

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
  /** Closes all, in order. */
  close(): Promise<void>
}

/** Where models and their blobs are in a data folder: every thread of the owner may open them. */
export function modelFolders(dataDir: string): { readonly registry: string; readonly blobs: string } {
  return { registry: join(dataDir, 'models'), blobs: join(dataDir, 'blobs') }
}

/** Opens a data folder for this process alone and everything in it. */
export async function openEmbedded(config: Config): Promise<Parts> {
  const settings = foldSettingsOf(config)
  const clock = systemClock()
  const codec = avroCodec()
  const rows = rowsGeneration(settings)
  const folder = await openDataFolder({ path: config.dataDir, clock, partitions: config.partitions })
  const log = lmdbEventLog({ folder, clock })
  const store = lmdbStateStore({ folder, generation: rows })
  const folders = modelFolders(config.dataDir)
  return {
    config,
    settings,
    rows,
    clock,
    codec,
    log,
    store,
    features: rowFeatureStore({ store, codec, limits: settings.limits }),
    registry: folderModelRegistry({ folder: folders.registry }),
    blobs: folderBlobStore({ folder: folders.blobs }),
    async close() {
      await store.close()
      await log.close()
      await folder.close()
    },
  }
}
