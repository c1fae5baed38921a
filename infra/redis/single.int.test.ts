import { describe } from 'vitest'
import { testServer } from '#infra/servers/test-servers.fixture.ts'
import { redisContracts } from './contracts.fixture.ts'
import { ownKeys } from './own-keys.fixture.ts'

const redis = testServer('redis')

describe.skipIf(redis === undefined)('on a Redis server', () => {
  redisContracts('a Redis server', () => ownKeys([redis?.url ?? '']))
})
