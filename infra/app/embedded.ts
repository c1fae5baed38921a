import { avroCodec } from '#infra/avro/codec.ts'
import { openDataFolder } from '#infra/lmdb/data-folder.ts'
import { lmdbEventLog } from '#infra/lmdb/event-log.ts'
import { lmdbStateStore } from '#infra/lmdb/state-store.ts'
import { memoryLease } from '#infra/memory/lease.ts'
import { memoryRateLimiter } from '#infra/memory/rate-limiter.ts'
import { soleMembership } from '#infra/memory/membership.ts'
import { rowFeatureStore } from '#infra/rows/feature-store.ts'
import { systemClock } from '#infra/system-clock/system-clock.ts'
import type { Config } from './config-keys.ts'
import { foldSettingsOf, partitionsOf } from './config.ts'
import { cursorKeyOf } from './cursor-key.ts'
import { rowsGeneration } from './generation.ts'
import { foldersOf, openModelStores } from './model-stores.ts'
import type { Parts } from './parts.ts'

/** Opens a data folder for this process alone and everything in it. */
export async function openEmbedded(config: Config): Promise<Parts> {
  const settings = foldSettingsOf(config)
  const clock = systemClock()
  const codec = avroCodec()
  const partitions = partitionsOf(config)
  const rows = rowsGeneration(settings)
  const folder = await openDataFolder({ path: config.dataDir, clock, partitions })
  const log = lmdbEventLog({ folder, clock })
  const store = lmdbStateStore({ folder, generation: rows })
  const modelStores = foldersOf(config.dataDir)
  return {
    config,
    settings,
    rows,
    clock,
    codec,
    log,
    store,
    features: rowFeatureStore({ store, codec, limits: settings.limits }),
    ...(await openModelStores(modelStores)),
    modelStores,
    leases: memoryLease({ clock }),
    limiter: memoryRateLimiter({ clock }),
    membership: soleMembership(partitions),
    peerClocks: [],
    cursorKey: config.cursorKey === '' ? cursorKeyOf(config.dataDir) : config.cursorKey,
    async close() {
      await store.close()
      await log.close()
      await folder.close()
    },
  }
}
