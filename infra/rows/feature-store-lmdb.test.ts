import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { avroCodec } from '#infra/avro/codec.ts'
import { openDataFolder } from '#infra/lmdb/data-folder.ts'
import { lmdbStateStore } from '#infra/lmdb/state-store.ts'
import { featureStoreContract } from '#schemas/ports/feature-store.contract.ts'
import { rowFeatureStore } from './feature-store.ts'

const codec = avroCodec()

featureStoreContract('rows in LMDB', async () => {
  const path = await mkdtemp(join(tmpdir(), 'millrace-features-'))
  const folder = await openDataFolder({ path, clock: { now: () => 0 } })
  const store = lmdbStateStore({ folder, generation: 'one' })
  return {
    features: rowFeatureStore({ store, codec }),
    store,
    codec,
    async dispose() {
      await store.close()
      await folder.close()
      await rm(path, { recursive: true })
    },
  }
})
