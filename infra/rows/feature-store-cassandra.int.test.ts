import { afterAll, beforeAll, describe } from 'vitest'
import { avroCodec } from '#infra/avro/codec.ts'
import { openGeneration, type Generation } from '#infra/cassandra/generations.ts'
import { emptyGeneration, temporaryKeyspace, type TemporaryKeyspace } from '#infra/cassandra/keyspace.fixture.ts'
import { migrate } from '#infra/cassandra/migrate.ts'
import { cassandraStateStore } from '#infra/cassandra/state-store.ts'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { featureStoreContract } from '#schemas/ports/feature-store.contract.ts'
import { rowFeatureStore } from './feature-store.ts'

const server = testServer('cassandra')
const codec = avroCodec()

describe.skipIf(server === undefined)('Features', () => {
  let space: TemporaryKeyspace
  let generation: Generation
  beforeAll(async () => {
    space = await temporaryKeyspace(server!)
    await migrate(space.cassandra)
    generation = await openGeneration(space.cassandra, 'contract')
  })
  afterAll(async () => await space.dispose())

  featureStoreContract('rows in Cassandra', async () => {
    const store = cassandraStateStore({ cassandra: space.cassandra, generation })
    return {
      features: rowFeatureStore({ store, codec }),
      store,
      codec,
      async dispose() {
        await store.close()
        await emptyGeneration(space.cassandra, generation)
      },
    }
  })
})
