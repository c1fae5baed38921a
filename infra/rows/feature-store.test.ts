import { avroCodec } from '#infra/avro/codec.ts'
import { memoryStateStore } from '#infra/memory/state-store.ts'
import { featureStoreContract } from '#schemas/ports/feature-store.contract.ts'
import { rowFeatureStore } from './feature-store.ts'

const codec = avroCodec()

featureStoreContract('rows in memory', async () => {
  const store = memoryStateStore()
  return { features: rowFeatureStore({ store, codec }), store, codec, dispose: () => store.close() }
})
