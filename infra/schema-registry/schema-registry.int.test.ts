import { describe } from 'vitest'
import { avroCodec } from '../avro/codec.ts'
import { avroType } from '../avro/types.ts'
import { testServer } from '../servers/test-servers.fixture.ts'
import { schemaRegistryContract } from './schema-registry.contract.ts'

const server = testServer('schemaRegistry')

describe.skipIf(server === undefined)('A real registry', () => {
  schemaRegistryContract('real', {
    url: server?.url ?? '',
    codec: (identity) => avroCodec(identity === undefined ? {} : { identity }),
    encode: (schema, value) => avroType(schema).toBuffer(value),
  })
})
